"""The examples of the blank book: not used until they are switched on, and then a sound plan."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

import kido
from kido.data.schema import FLAGS, LANGUAGES, catalogue
from kido.report.excel.template import write_blank, write_book
from kido.study.checks.book import check_file


def switched_on(path: Path, language: str) -> Path:
    """A blank book in which every example but that of Hazards is used, from January 2027."""
    write_blank(path, language)
    book = openpyxl.load_workbook(path)
    for name, sheet in catalogue().items():
        page = book[sheet.title(language)]
        heads = {cell.value: cell.column for cell in page[1]}
        if name == "Settings":
            for row in page.iter_rows(min_row=2):
                if row[0].value in ("start", "開始"):
                    row[1].value = "2027-01"
                if row[0].value in ("steady %", "平準化%"):
                    row[1].value = 0
        elif name not in ("Sources", "Hazards"):
            use = heads[sheet.columns["use"].header(language)]
            rows = range(2, page.max_row + 1)
            assert {page.cell(row, use).value for row in rows} == {FLAGS[language][1]}
            for row in rows:
                page.cell(row, use).value = FLAGS[language][0]
    book.save(path)
    return path


@pytest.mark.parametrize("language", LANGUAGES)
def test_examples_switched_on_are_the_plan_worked_out_by_hand(
    tmp_path: Path, language: str
) -> None:
    """4 t of Dy a month in Yokohama, 2 t in store and 2 t that land in January. A tonne (kUSD)
    lands from China at

        190 + 5 = 195  under the contract, 2 t a month      200 + 5 = 205  beyond, 1 t a month

    and from Penang, 2 t a month, a month after it is sent, at

        10 x (30 + 10) - 4 x 50 + 10 = 210.

    With 0.25 nothing leaves China from July to September. Then 12 t are needed and Penang can
    send 4 (in July and August): the other 8 are in store at the end of June or sent in June.
    China sends 18 until June and 24 are needed, so that Penang sends 24 - 4 - 18 + 6 = 8 from
    January to May, and 2 in June: as late as it can, 2 a month from February on. The store holds
    3, 2, 3, 4, 5 and 6 t at the ends of the months, at 0.1 each.

        until June           12 x 195 + 6 x 205 + 10 x 210 + 23 x 0.1           = 5,672.3

    If China stays open, 24 are needed and 6 + 2 are there: China sends 16, and the 2 t that it
    need not are the dear ones of July and August. Held are 6, 4, 3, 2, 1 and 0.

        open                 12 x 195 + 4 x 205 + 16 x 0.1                      = 3,161.6

    If it stops, 4, 2 and 0 are held; then China sends 3 a month and Penang the fourth.

        stopped              6 x 195 + 3 x 205 + 7 x 210 + 6 x 0.1              = 3,255.6

    In all 5,672.3 + 0.75 x 3,161.6 + 0.25 x 3,255.6 = 8,857.4. Without the insurance, 2 t more
    from Penang, the stop would cost 2 x 1,000 x 0.25 more than its 2 x 5 x 0.75.
    """
    path = switched_on(tmp_path / "book.xlsx", language)
    assert check_file(path)[1] == []
    assert kido.evaluate(path).solution.objective == pytest.approx(8_857.4, abs=0.01)


@pytest.mark.parametrize("language", LANGUAGES)
def test_examples_do_no_harm(tmp_path: Path, language: str) -> None:
    """The findings are those of a book without; a planner may even type the same names."""
    write_book(tmp_path / "empty.xlsx", language=language)
    write_blank(tmp_path / "blank.xlsx", language)
    found = [check_file(tmp_path / name)[1] for name in ("empty.xlsx", "blank.xlsx")]
    assert [f.code for f in found[1]] == [f.code for f in found[0]] == ["blank", "nothing-to-plan"]

    both = switched_on(tmp_path / "typed.xlsx", language)
    book = openpyxl.load_workbook(both)
    for name, sheet in catalogue().items():
        if "use" in sheet.columns:
            page = book[sheet.title(language)]
            use = list(sheet.columns).index("use") + 1
            rows = [[cell.value for cell in row] for row in page.iter_rows(min_row=2)]
            for row in rows:
                page.append(row)
                page.cell(page.max_row, use).value = None if name != "Hazards" else row[use - 1]
            for number in range(2, 2 + len(rows)):
                page.cell(number, use).value = FLAGS[language][1]
    book.save(both)
    assert check_file(both)[1] == []
    assert kido.evaluate(both).solution.objective == pytest.approx(8_857.4, abs=0.01)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sheet_has_an_example_and_a_line_in_the_legend(tmp_path: Path, language: str) -> None:
    write_blank(tmp_path / "blank.xlsx", language)
    book = openpyxl.load_workbook(tmp_path / "blank.xlsx")
    legend = book.worksheets[0]
    assert legend.title == {"en": "Legend", "ja": "凡例"}[language]
    words = {cell.value for cell in legend["A"]}
    for sheet in catalogue().values():
        title = sheet.title(language)
        assert title in words
        assert book[title].max_row > 1, title
    looks = {cell.value: cell.fill.start_color.rgb for cell in legend["A"][4::-1]}
    supply = book[catalogue()["Supply"].title(language)]
    for head in supply[1][:2]:
        assert looks[head.value] == head.fill.start_color.rgb
    assert supply["A2"].font.italic and not supply["A9"].font.italic
