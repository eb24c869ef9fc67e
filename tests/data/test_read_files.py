"""Files that other programs made: read regardless, or one sentence that says what it is."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from example_book import good_book, marked_book
from faulty_cells import OLE, repack
from kido.data.workbook.read import read_book
from kido.errors import WorkbookError
from rawbook import SUPPLY, WORKBOOK, raw_book, replaced, with_cell

STRICT = {
    b"http://schemas.openxmlformats.org/spreadsheetml/2006/main":
        b"http://purl.oclc.org/ooxml/spreadsheetml/main",
    b"http://schemas.openxmlformats.org/officeDocument/2006/relationships":
        b"http://purl.oclc.org/ooxml/officeDocument/relationships",
}  # fmt: skip


def test_a_strict_workbook_is_the_same_book(tmp_path: Path) -> None:
    def make_strict(parts: dict[str, bytes]) -> None:
        for name in parts:
            for usual, strict in STRICT.items():
                parts[name] = parts[name].replace(usual, strict)

    usual = read_book(good_book(tmp_path / "usual.xlsx"))
    path = good_book(tmp_path / "strict.xlsx")
    repack(path, make_strict)
    found = read_book(path)
    assert found.settings == usual.settings
    assert all(found[n].rows.equals(frame.rows) for n, frame in usual.frames.items())


@pytest.mark.parametrize("name", ["xl/media/image1.emf", "xl/drawings/drawing1.xml",
                                  "xl/calcChain.xml", "docProps/thumbnail.wmf"])  # fmt: skip
def test_a_picture_is_no_bomb(tmp_path: Path, name: str) -> None:
    path = good_book(tmp_path / "book.xlsx")
    repack(path, lambda parts: parts.update({name: bytes(5_000_000)}))
    assert read_book(path)


@pytest.mark.parametrize("part", [SUPPLY, "xl/styles.xml", "xl/other.xml"])
def test_a_part_that_is_read_may_not_be_one(tmp_path: Path, part: str) -> None:
    path = good_book(tmp_path / "book.xlsx")
    repack(path, lambda parts: parts.update({part: b"<a>" + bytes(5_000_000)}))
    with pytest.raises(WorkbookError) as fault:
        read_book(path)
    assert fault.value.findings[0].code == "too-large"


def test_a_sheet_may_not_hide_among_the_pictures(tmp_path: Path) -> None:
    path = good_book(tmp_path / "book.xlsx")

    def move(parts: dict[str, bytes]) -> None:
        parts["xl/media/sheet4.xml"] = parts.pop(SUPPLY)
        relations = "xl/_rels/workbook.xml.rels"
        parts[relations] = parts[relations].replace(b"worksheets/sheet4.xml", b"media/sheet4.xml")

    repack(path, move)
    with pytest.raises(WorkbookError) as fault:
        read_book(path)
    assert fault.value.findings[0].code == "unreadable"


@pytest.mark.parametrize("stream", ["DRMEncryptedDataSpace", "DRMEncryptedTransform"])
def test_a_label_is_no_password(tmp_path: Path, stream: str) -> None:
    path = tmp_path / "book.xlsx"
    path.write_bytes(OLE + f"{stream} EncryptedPackage".encode("utf-16-le"))
    with pytest.raises(WorkbookError) as fault:
        read_book(path)
    (found,) = fault.value.findings
    assert "label" in found.sentence and "label" in found.advice and "password" not in found.advice


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<fonts", '<fonts x="1"'),
        ('<family val="2"', '<family val="15"'),
        ("</fonts>", '<font><sz val="-3"/><family val="99"/><name val=""/></font></fonts>'),
        ("</fills>", '<fill><patternFill patternType="stripes"/></fill><fill/></fills>'),
        ("</fills>", '<fill><patternFill><fgColor rgb="F00"/></patternFill></fill></fills>'),
        ("</borders>", '<border><left style="wavy"/></border></borders>'),
        ("</cellXfs>", '<xf numFmtId="9999" fontId="77" fillId="x"/></cellXfs>'),
        ("</styleSheet>", "<unknown><xf/></unknown></styleSheet>"),
    ],
)
def test_odd_styles_do_not_matter(tmp_path: Path, old: str, new: str) -> None:
    path = raw_book(tmp_path / "book.xlsx", {"xl/styles.xml": replaced(old, new)})
    assert len(read_book(path)["Supply"]) == 2


@pytest.mark.parametrize("old", ["<sheetViews>", "<definedNames", "<bookViews>"])
def test_other_oddities_do_not_matter(tmp_path: Path, old: str) -> None:
    part = WORKBOOK if old != "<sheetViews>" else SUPPLY
    path = raw_book(tmp_path / "book.xlsx", {part: replaced(old, f"<odd a='1'/>{old}")})
    assert len(read_book(path)["Supply"]) == 2


def with_shared(path: Path, where: str, string: str) -> Path:
    """The good book with one cell that refers to the strings that sheets share."""
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"

    def put(parts: dict[str, bytes]) -> None:
        sheet = parts["xl/worksheets/sheet3.xml"].decode()
        stored = f'<c r="{where}" t="s"><v>1</v></c>'
        parts["xl/worksheets/sheet3.xml"] = with_cell(where, stored)(sheet).encode()
        parts["xl/sharedStrings.xml"] = f"<sst><si><t>no</t></si><si>{string}</si></sst>".encode()
        relations = "xl/_rels/workbook.xml.rels"
        added = f'<Relationship Id="s" Type="{kind}" Target="sharedStrings.xml"/></Relationships>'
        parts[relations] = parts[relations].replace(b"</Relationships>", added.encode())

    path = marked_book(path, lambda book: None)
    repack(path, put)
    return path


@pytest.mark.parametrize(
    ("string", "name"),
    [
        ("<t>Tokyo</t>", "Tokyo"),
        ("<r><t>To</t></r><r><rPr><b/></rPr><t>kyo</t></r>", "Tokyo"),
        ("<t>東京</t><rPh sb='0' eb='2'><t>トウキョウ</t></rPh><phoneticPr fontId='1'/>", "東京"),
        ("<t xml:space='preserve'> To_x000D_kyo_x005F_x0041_</t>", "To kyo_x0041_"),
    ],
)
def test_shared_strings(tmp_path: Path, string: str, name: str) -> None:
    """In pieces, with how kanji are pronounced, with characters that XML does not know."""
    tables = read_book(with_shared(tmp_path / "book.xlsx", "A3", string))
    assert tables["Sites"].rows["name"].tolist() == ["Perth", name]


def test_a_struck_piece_of_a_string_is_pointed_out(tmp_path: Path) -> None:
    string = "<r><rPr><strike/></rPr><t>Old </t></r><r><t>Tokyo</t></r>"
    tables = read_book(with_shared(tmp_path / "book.xlsx", "A3", string))
    assert [(f.code, str(f.place)) for f in tables.warnings] == [("struck-out", "Sites!A3")]


def test_formatted_blank_cells_cost_nothing(tmp_path: Path) -> None:
    """Whole columns formatted down to the last row, as a program writes them."""
    letters = "ABCDEFGHIJKLMNOPQRST"
    rows = "".join(
        f'<row r="{row}">' + "".join(f'<c r="{c}{row}" s="1"/>' for c in letters) + "</row>"
        for row in range(10, 20_010)
    )
    bare = "<row>" + "<c s='1'/>" * 20 + "</row>"
    changes = {
        SUPPLY: replaced("</sheetData>", rows + "</sheetData>"),
        "xl/worksheets/sheet5.xml": replaced("</sheetData>", bare * 5_000 + "</sheetData>"),
    }
    path = raw_book(tmp_path / "book.xlsx", changes)
    began = time.perf_counter()
    assert len(read_book(path)["Supply"]) == 2
    assert time.perf_counter() - began < 4


def test_merged_columns_cost_nothing(tmp_path: Path) -> None:
    def merge(parts: dict[str, bytes]) -> None:
        where = "".join(f'<mergeCell ref="{c}1:{c}1048576"/>' for c in ("X", "Y", "Z", "AA:AZ"))
        where = where.replace("AA:AZ1:AA:AZ1048576", "AA:AZ")
        parts[SUPPLY] = parts[SUPPLY].replace(
            b"</sheetData>", f"</sheetData><mergeCells>{where}</mergeCells>".encode()
        )

    path = marked_book(tmp_path / "book.xlsx", lambda book: None)
    repack(path, merge)
    began = time.perf_counter()
    assert len(read_book(path)["Supply"]) == 1
    assert time.perf_counter() - began < 2


def test_garbled_parts_end_in_a_finding(tmp_path: Path) -> None:
    """Whatever stands in a part, reading ends with a book or a finding."""
    chance = random.Random(7)
    whole = marked_book(tmp_path / "whole.xlsx", lambda book: None).read_bytes()
    for turn in range(60):
        path = tmp_path / "book.xlsx"
        path.write_bytes(whole)

        def garble(parts: dict[str, bytes], turn: int = turn) -> None:
            name = chance.choice([n for n in parts if n.endswith((".xml", ".rels"))])
            text = bytearray(parts[name])
            for _ in range(turn % 6 + 1):
                text[chance.randrange(len(text))] = chance.choice(b"0123456789<>/\"AZ '-")
            parts[name] = bytes(text)

        repack(path, garble)
        try:
            read_book(path)
        except WorkbookError as fault:
            assert fault.findings
