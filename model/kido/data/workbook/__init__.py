"""The workbook as a file: read leniently, every value knowing its cell; written as a template."""
