"""Documents as Excel workbooks: the only writer of results."""

from kido.report.excel.workbook import rendered, write_document

__all__ = ["rendered", "write_document"]
