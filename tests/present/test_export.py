"""Files for spreadsheets, and small drawings."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kehu.present.directory import search, words
from kehu.present.export import csv_bytes, safe, xlsx_bytes
from kehu.present.sparkline import area, path, smooth


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_text_that_looks_like_a_formula_stays_text(text):
    assert safe(text) == f"'{text}"


def test_numbers_stay_numbers():
    assert [safe(-5), safe(Decimal("-1.50")), safe(True), safe(None)] == [-5, Decimal("-1.50"), "yes", ""]


def test_csv_opens_in_a_spreadsheet_with_chinese():
    made = csv_bytes(("name",), [("王芳",)])

    assert made == b"\xef\xbb\xbfname\r\n" + "王芳\r\n".encode()


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1), min_size=1, max_size=5)
)
def test_no_cell_of_a_csv_begins_like_a_formula(cells):
    import csv

    made = csv_bytes(["a"] * len(cells), [cells]).decode("utf-8-sig")

    row = list(csv.reader(io.StringIO(made, newline="")))[1]
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in row)


def test_workbook_keeps_types_and_no_formula():
    made = xlsx_bytes(("id", "on", "amount", "note"), [("0012345678901", date(2017, 1, 2), Decimal("3.50"), "=1+1")])

    sheet = openpyxl.load_workbook(io.BytesIO(made)).active
    cells = [cell.value for cell in sheet[2]]
    assert cells[0] == "0012345678901"
    assert (cells[1].date(), cells[2], cells[3]) == (date(2017, 1, 2), 3.5, "'=1+1")
    assert {cell.data_type for cell in sheet[2]} == {"s", "d", "n"}


@pytest.mark.parametrize(
    ("typed", "looked_for"),
    [("Wang Fang", ["wang", "fang"]), ("(212) 555-0199", ["2125550199"]), ("王芳", ["王芳"]), ("", [])],
)
def test_words_are_read_from_what_is_typed(typed, looked_for):
    assert words(typed) == looked_for


def test_unknown_sorts_and_pages_fall_back():
    found = search({"sort": "-password", "page": "0", "group": "loyal", "orders": "perhaps"})

    assert (found.sort, found.page, found.filters, found.with_orders) == ("revenue", 1, (("group", "loyal"),), None)


def test_a_line_runs_from_low_to_high():
    assert path([0, 1], width=10, height=10) == "M0 9L10 1"
    assert area([0, 1], width=10, height=10).endswith("L10 10L0 10Z")
    assert path([1]) == ""


@settings(deadline=None, max_examples=40)
@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=400))
def test_smoothing_stays_within_the_values(values):
    drawn = smooth(values)

    assert len(drawn) <= 48
    assert min(values) - 1e-6 <= min(drawn) <= max(drawn) <= max(values) + 1e-6
