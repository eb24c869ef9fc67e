"""Documents as Excel workbooks: the only writer of results."""

from kido.report.excel.workbook import render_document, write_document

__all__ = ["render_document", "write_document"]
