"""A planner's small case, typed into the blank Japanese book under its Japanese headers alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest

import kido
from kido.report.excel.template import write_blank
from kido.result.pages import write_results
from kido.study.checks.book import check_file

OPTIONS = {"開始": "2027-04", "為替": 150, "平準化%": 0, "表題": "神戸商事の調達"}
TYPED: dict[str, list[dict[str, Any]]] = {
    "品目": [
        {"品目": "混合炭酸塩", "種別": "原料"},
        {"品目": "Dy酸化物", "種別": "酸化物"},
        {"品目": "NdPr酸化物", "種別": "酸化物"},
    ],
    "拠点": [
        {"拠点": "包頭", "国": "中国"},
        {"拠点": "クアンタン", "国": "マレーシア"},
        {"拠点": "神戸", "国": "日本"},
    ],
    "供給": [
        {"供給": "包頭商社", "拠点": "包頭", "品目": "Dy酸化物", "価格 [USD/kg]": 300,
         "最大 [t/年]": 24, "信頼度": "推定"},
        {"供給": "豪州鉱山", "拠点": "クアンタン", "品目": "混合炭酸塩", "価格 [USD/kg]": 20,
         "最大 [t/年]": 1200, "信頼度": "公表"},
    ],
    "販売": [
        {"販売": "NdPr余剰", "拠点": "クアンタン", "品目": "NdPr酸化物", "価格 [USD/kg]": 30},
    ],
    "設備": [{"設備": "クアンタン分離線", "拠点": "クアンタン", "能力 [t/年]": 1200}],
    "工程": [{"工程": "委託分離", "拠点": "クアンタン", "費用 [USD/kg]": 10}],
    "配合": [
        {"工程": "委託分離", "役割": "投入", "項目": "混合炭酸塩", "量 [活動量1t当たり]": 1},
        {"工程": "委託分離", "役割": "産出", "項目": "Dy酸化物", "量 [活動量1t当たり]": 0.02},
        {"工程": "委託分離", "役割": "産出", "項目": "NdPr酸化物", "量 [活動量1t当たり]": 0.4},
        {"工程": "委託分離", "役割": "使用", "項目": "クアンタン分離線", "量 [活動量1t当たり]": 1},
    ],
    "経路": [
        {"経路": "包頭から神戸", "出発": "包頭", "到着": "神戸", "品目": "Dy酸化物",
         "運賃 [USD/kg]": 5},
        {"経路": "クアンタンから神戸 Dy", "出発": "クアンタン", "到着": "神戸",
         "品目": "Dy酸化物", "運賃 [USD/kg]": 10},
        {"経路": "クアンタンから神戸 NdPr", "出発": "クアンタン", "到着": "神戸",
         "品目": "NdPr酸化物", "運賃 [USD/kg]": 2},
    ],
    "契約": [
        {"契約": "豪州長期契約", "対象": "豪州鉱山", "最小予約 [t/年]": 600,
         "最大予約 [t/年]": 600, "引取義務": 1, "精算": "年", "価格方式": "固定",
         "固定価格 [USD/kg]": 2700, "通貨": "円"},
    ],
    "備蓄": [
        {"備蓄": "自社Dy", "拠点": "神戸", "品目": "Dy酸化物", "所有者": "自社",
         "期首 [t]": 1, "保管費用 [USD/kg・年]": 12},
    ],
    "需要": [
        {"需要": "磁石A社", "用途": "モーター", "拠点": "神戸", "品目": "Dy酸化物",
         "必要量 [t/年]": 24},
        {"需要": "磁石B社", "用途": "家電", "拠点": "神戸", "品目": "NdPr酸化物",
         "必要量 [t/年]": 360},
    ],
    "緩和": [
        {"緩和": "A社減産", "需要": "磁石A社", "種別": "喪失", "費用 [USD/kg]": 2000},
        {"緩和": "B社減産", "需要": "磁石B社", "種別": "喪失", "費用 [USD/kg]": 200},
    ],
    "シナリオ": [
        {"シナリオ": "輸出停止", "確率": 0.2, "判明月": "2027-10", "途絶": "はい"},
    ],
    "事象": [
        {"事象": "中国から出荷なし", "シナリオ": "輸出停止", "対象": "中国", "効果": "能力",
         "係数": 0},
    ],
}  # fmt: skip


def typed(path: Path) -> Path:
    """The blank Japanese book with the case typed below its examples."""
    write_blank(path, "ja")
    book = openpyxl.load_workbook(path)
    for row in book["設定"].iter_rows(min_row=2):
        if row[0].value in OPTIONS:
            row[1].value = OPTIONS[row[0].value]
    for title, rows in TYPED.items():
        page = book[title]
        columns = {cell.value: cell.column for cell in page[1]}
        first = page.max_row + 1
        for number, cells in enumerate(rows, start=first):
            for head, value in cells.items():
                page.cell(number, columns[head]).value = value
    book.save(path)
    return path


def test_the_case_is_planned_as_by_hand(tmp_path: Path) -> None:
    """Each month 30 t of NdPr and 2 t of Dy (kUSD; 2,700 yen/kg are 18 USD/kg).

    NdPr takes 75 t of carbonate: 50 x 18 by contract, 25 x 20 beyond, 75 x 10 for tolling, 30 x 2
    of freight. It brings 1.5 t of Dy, 10 of freight each: 900 + 500 + 750 + 60 + 15 = 2,225.

    The other 0.5 t of Dy come from China at 305. From the plant they would cost
    (20 + 10 - 0.4 x 30) / 0.02 + 10 = 910, so that 3 t for the six months of a stop are worth
    having in store: a chance of 0.2 saves 121 a t, storing costs 1 a t and month. So 3 t are held
    at the end of September, bought as late as 2 t a month allow. Of the 1 t in store half goes in
    April and half in May; China sends 0.5 in June and July, 2 in August and September: 5 t.
    Held are 0.5 in April, 1.5 in August, 3 in September, then 2.5, 2, 1.5, 1, 0.5 and 0, whether
    exports stop or not: 12.5.

        12 x 2,225 + 5 x 305 + 12.5 = 28,237.5
    """
    book = typed(tmp_path / "神戸.xlsx")
    assert check_file(book)[1] == []
    run = kido.solve(book, write=False, quick=True)
    assert run.answer.solution.objective == pytest.approx(28_237.5, abs=0.01)
    path = tmp_path / "results.xlsx"
    write_results(run.report, run.answer, path)
    board = openpyxl.load_workbook(path)["役員ページ"]
    texts = [str(c.value) for row in board.iter_rows() for c in row if c.value is not None]
    assert any("億円" in text for text in texts)
    assert {"購入", "出荷"} <= set(texts)
    assert "豪州長期契約, マレーシア" in texts and "スポット, 豪州鉱山, マレーシア" in texts
    orders = run.report["supplier_orders"].frame
    sellers = orders.groupby("terms")["supplier"].agg(set)
    assert sellers["spot"] == {"包頭商社", "豪州鉱山"} and sellers["own"] == {"包頭", "クアンタン"}
