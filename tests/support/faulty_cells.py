"""One planted fault for every finding of the reader: code, place, edit of the cells."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from openpyxl import Workbook

Change = Callable[[Workbook], object]


def cell(where: str, value: object, number_format: str = "") -> Change:
    """Type a value into `Sheet!B2`, perhaps with a number format."""

    def change(book: Workbook) -> None:
        sheet, _, at = where.partition("!")
        target = book[sheet][at]
        target.value = value
        if number_format:
            target.number_format = number_format

    return change


def order(**values: object) -> Change:
    """An order with these cells."""
    row = {"A": "Sea lane", "B": "2026-08", "C": 1, "D": "approved"} | values
    return all_of(*(cell(f"Orders!{letter}2", value) for letter, value in row.items()))


def hazard(**cells: object) -> Change:
    """Type a hazard, some of its cells otherwise: `hazard(G=-1)`."""
    row = {"A": "Fire", "B": "Sea lane", "D": "capacity", "E": 0, "G": 0.1, "H": 2, **cells}
    return all_of(*(cell(f"Hazards!{letter}2", value) for letter, value in row.items()))


def title(old: str, new: str) -> Change:
    return lambda book: setattr(book[old], "title", new)


def all_of(*changes: Change) -> Change:
    return lambda book: [change(book) for change in changes]


def _empty_all(book: Workbook) -> None:
    for sheet in book.worksheets:
        if sheet.title != "Settings":
            sheet.delete_rows(2, 100)


def _error(book: Workbook) -> None:
    book["Supply"]["D2"].value = "#REF!"
    book["Supply"]["D2"].data_type = "e"


# (code, where the finding stands, a word its words must hold, the edit)
PLANTED_CELLS: list[tuple[str, str, str, Change]] = [
    ("blank", "Supply!B2", "site", cell("Supply!B2", None)),
    ("blank", "Settings!B3", "2027-03", cell("Settings!B3", None)),
    ("not-a-number", "Supply!D2", "number", cell("Supply!D2", "abc")),
    ("not-a-number", "Supply!D2", "unit", cell("Supply!D2", "12 t")),
    ("not-a-number", "Supply!D2", "point", cell("Supply!D2", "1,5")),
    ("not-a-number", "Supply!D2", "TRUE", cell("Supply!D2", True)),
    ("not-finite", "Supply!E2", "blank", cell("Supply!E2", "inf")),
    ("not-finite", "Supply!E2", "finite", cell("Supply!E2", "NaN")),
    ("percentage", "Routes!L2", "type 5 for 5 %", cell("Routes!L2", 0.05, "0.0%")),
    ("percentage", "Supply!D2", "General", cell("Supply!D2", "5 %")),
    ("percentage", "Policies!L3", "cover", cell("Policies!L3", 0.5, "0%")),
    ("out-of-range", "Supply!E2", "at least 0", cell("Supply!E2", -1)),
    ("out-of-range", "Relief!D2", "0.1 for 10 %", cell("Relief!D2", 10)),
    ("out-of-range", "Stockpiles!P2", "0 and 600", cell("Stockpiles!P2", 700)),
    ("not-whole", "Facilities!K2", "whole", cell("Facilities!K2", 2.5)),
    ("not-whole", "Settings!B20", "seed", cell("Settings!B20", 1.5)),
    ("out-of-range", "Settings!B19", "between 0", cell("Settings!B19", -10)),
    ("out-of-range", "Orders!C2", "at least 0", order(C=-1)),
    ("not-a-choice", "Orders!D2", "confirmed", order(D="sent")),
    ("not-a-month", "Orders!B2", "2027-03", order(B="soon")),
    ("blank", "Orders!C2", "amount", order(C=None)),
    ("out-of-range", "Hazards!G2", "between 0", hazard(G=-0.1)),
    ("out-of-range", "Hazards!E2", "between 0", hazard(E=-0.5)),
    ("out-of-range", "Hazards!H2", "between 1", hazard(H=0.5)),
    ("not-a-choice", "Hazards!D2", "price", hazard(D="delay")),
    ("blank", "Hazards!G2", "rate", hazard(G=None)),
    ("not-a-month", "Routes!N2", "2027-03", cell("Routes!N2", "soon")),
    ("not-a-month", "Routes!N2", "2027-03", cell("Routes!N2", "2027-13")),
    ("not-a-month", "Routes!N2", "2027-03", cell("Routes!N2", 46000, "General")),
    ("not-a-month", "Routes!N2", "2027-03", cell("Routes!N2", "03/04/2027")),
    ("not-a-month", "Routes!N2", "2027-03", cell("Routes!N2", "Mar-27")),
    ("not-a-choice", "Commodities!B2", "feed", cell("Commodities!B2", "fed")),
    ("not-a-flag", "Scenarios!G2", "yes or no", cell("Scenarios!G2", "perhaps")),
    ("not-a-calendar", "Settings!B4", "24 month", cell("Settings!B4", "24 moons")),
    ("not-a-calendar", "Settings!B4", "24 month", cell("Settings!B4", "99999 year")),
    ("semicolon-in-name", "Sites!A2", "semicolon", cell("Sites!A2", "Perth; Tokyo")),
    ("error-value", "Supply!D2", "#REF!", _error),
    ("formula-without-value", "Supply!D2", "calculate", cell("Supply!D2", "=1+1")),
    ("duplicate", "Sites!A3", "Sites!A2", cell("Sites!A3", " Perth")),
    ("duplicate", "Recipes!C4", "Recipes!C3", cell("Recipes!C4", "Nd")),
    ("merged-cells", "Recipes!A2:A3", "unmerge",
     lambda book: book["Recipes"].merge_cells("A2:A3")),
    ("sheet-missing", "Settings", "missing", lambda book: book.remove(book["Settings"])),
    ("sheet-unknown", "Suply", "Supply", title("Supply", "Suply")),
    ("sheet-unknown", "Stock", "Stockpiles", title("Stockpiles", "Stock")),
    ("sheet-unknown", "Events (2)", "Events", title("Events", "Events (2)")),
    ("sheet-unknown", "Old settings", "Settings", title("Settings", "Old settings")),
    ("sheet-unknown", "What happens", "Events", title("Events", "What happens")),
    ("sheet-twice", "供給", "Supply", lambda book: book.create_sheet("供給")),
    ("column-missing", "Demand!A1", "need", lambda book: book["Demand"].delete_cols(5)),
    ("column-missing", "Settings!A1", "value", cell("Settings!B1", None)),
    ("column-unknown", "Routes!F1", "freight", cell("Routes!F1", "frieght")),
    ("column-unknown", "Supply!N1", "rename it", cell("Supply!N1", "colour")),
    ("column-twice", "Supply!N1", "E1", cell("Supply!N1", "max")),
    ("column-unit", "Supply!D1", "USD/kg", cell("Supply!D1", "price [USD/t]")),
    ("no-header", "Supply!Z2", "header", cell("Supply!Z2", 3)),
    ("option-unknown", "Settings!A4", "calendar", cell("Settings!A4", "calender")),
    ("option-twice", "Settings!A4", "B3", cell("Settings!A4", "Start")),
    ("option-missing", "Settings!A4", "option", cell("Settings!A4", None)),
    ("nothing-to-plan", "Demand", "rows", _empty_all),
]  # fmt: skip


def repack(path: Path, change: Callable[[dict[str, bytes]], object]) -> None:
    """Change the parts of a packed file."""
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    change(parts)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, data in parts.items():
            new.writestr(name, data)


def _zip_of(parts: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        for name, data in parts.items():
            packed.writestr(name, data)
    return buffer.getvalue()


def _unlink(path: Path) -> None:
    path.unlink()


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _bytes(data: bytes) -> Callable[[Path], Any]:
    return lambda path: path.write_bytes(data)


def _parts(change: Callable[[dict[str, bytes]], object]) -> Callable[[Path], Any]:
    return lambda path: repack(path, change)


def _entity(parts: dict[str, bytes]) -> None:
    doctype = b'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a "aaaa">]><w/>'
    parts["xl/workbook.xml"] = doctype


def _linked(parts: dict[str, bytes]) -> None:
    """As Excel stores a formula that reads another workbook: with the value it had."""
    name = "xl/worksheets/sheet4.xml"
    formula = b'<c r="D2"><f>[1]Prices!B2+1</f><v>7</v></c>'
    start = parts[name].index(b'<c r="D2"')
    stop = parts[name].index(b"</c>", start) + len(b"</c>")
    parts[name] = parts[name][:start] + formula + parts[name][stop:]
    parts["xl/externalLinks/externalLink1.xml"] = b"<externalLink/>"


OLE = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504)
LABELLED = OLE + "EncryptedPackage DRMEncryptedDataSpace".encode("utf-16-le")
ENCRYPTED = OLE + "EncryptedPackage".encode("utf-16-le")

# (code, a word its words must hold, what is done to the file)
PLANTED_FILES: list[tuple[str, str, Callable[[Path], Any]]] = [
    ("no-file", "book.xlsx", _unlink),
    ("not-a-file", "folder", _folder),
    ("not-a-workbook", "plain text", _bytes(b"name,site\nPit,Perth\n")),
    ("not-a-workbook", "web page", _bytes(b"<html><table></table></html>")),
    ("not-a-workbook", "empty", _bytes(b"")),
    ("not-a-workbook", "packed", _bytes(_zip_of({"word/document.xml": b"<w/>"}))),
    ("old-format", ".xls", _bytes(OLE)),
    ("encrypted", "password", _bytes(ENCRYPTED)),
    ("encrypted", "label", _bytes(LABELLED)),
    ("truncated", "cut off", lambda path: path.write_bytes(path.read_bytes()[:-3000])),
    ("too-large", "1 : ",
     _parts(lambda parts: parts.update({"xl/worksheets/sheet3.xml": bytes(3_000_000)}))),
    ("macro-book", "macros", _parts(lambda parts: parts.update({"xl/vbaProject.bin": b"x"}))),
    ("old-format", ".xlsb", _parts(lambda parts: parts.update({"xl/workbook.bin": b"x"}))),
    ("unreadable", "entities", _parts(_entity)),
    ("unreadable", "Excel", _parts(lambda parts: parts.update({"xl/workbook.xml": b"<w"}))),
    ("unreadable", "Excel",
     _parts(lambda parts: parts.update({"xl/worksheets/sheet3.xml": b"<worksheet><row>"}))),
    ("external-value", "another", _parts(_linked)),
]  # fmt: skip
