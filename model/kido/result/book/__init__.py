"""The results workbook: the only part of the report that knows of Excel."""

from kido.result.book.workbook import write_results

__all__ = ["write_results"]
