"""The pages of a plan as data, and the workbook they are written to."""

from kido.result.pages.workbook import results_document, write_results

__all__ = ["results_document", "write_results"]
