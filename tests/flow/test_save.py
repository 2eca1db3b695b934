from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from pyarrow import parquet

from kehu.base.errors import KehuError
from kehu.base.types import Result
from kehu.flow.save import as_json, save

if TYPE_CHECKING:
    from pathlib import Path

ROWS = Result(("name", "amount", "at"), [("王芳", Decimal("1.50"), datetime(2026, 1, 5, 10)), (None, None, None)], 7)  # noqa: DTZ001  # UTC is naive here


def test_money_is_text_times_are_utc_and_chinese_stays_readable() -> None:
    text = as_json({"who": "王芳", "amount": Decimal("1.50"), "on": date(2026, 1, 5), "at": ROWS.rows[0][2]})

    assert json.loads(text) == {"who": "王芳", "amount": "1.50", "on": "2026-01-05", "at": "2026-01-05T10:00:00Z"}
    assert "王芳" in text


def test_numbers_that_json_lacks_are_text() -> None:
    assert json.loads(as_json([float("nan"), {"high": float("inf")}])) == ["nan", {"high": "inf"}]


def test_a_parquet_file_keeps_the_types(tmp_path: Path) -> None:
    save(ROWS, tmp_path / "rows.parquet")

    assert parquet.read_table(tmp_path / "rows.parquet").to_pydict()["amount"] == [Decimal("1.50"), None]


def test_no_rows_are_a_file_with_columns(tmp_path: Path) -> None:
    for form in ("csv", "json", "parquet", "xlsx"):
        save(Result(("a", "b"), []), tmp_path / f"none.{form}")

    assert parquet.read_table(tmp_path / "none.parquet").column_names == ["a", "b"]


def test_the_given_form_wins_over_the_ending(tmp_path: Path) -> None:
    save(ROWS, tmp_path / "rows.txt", "json")

    assert json.loads((tmp_path / "rows.txt").read_text(encoding="utf-8"))["snapshot"] == 7


def test_an_unknown_ending_is_refused_with_the_closest(tmp_path: Path) -> None:
    with pytest.raises(KehuError, match="parquet"):
        save(ROWS, tmp_path / "rows.parket")
