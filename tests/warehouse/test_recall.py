"""What SQL texts name is found once, by whichever process asks first."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from kehu.base.errors import TableError
from kehu.warehouse import recall, sql

if TYPE_CHECKING:
    from pathlib import Path

STAR = "SELECT * FROM lines"
NAMED = "WITH o AS (SELECT id FROM orders) SELECT o.id, l.Sku FROM o JOIN lines AS l USING (id)"


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every text that is parsed, of a process that knows nothing yet."""
    monkeypatch.setattr(recall, "_known", {})
    monkeypatch.setattr(recall, "_asked", set())
    texts: list[str] = []
    parse = sql.parse

    def noticed(text: str, where: str = "") -> object:
        texts.append(text)
        return parse(text, where)

    monkeypatch.setattr(sql, "parse", noticed)
    return texts


def answers() -> list[object]:
    return [sql.tables_in(STAR), sql.columns_named(STAR), sql.tables_in(NAMED), sql.columns_named(NAMED)]


def forget() -> None:
    recall._known.clear()
    recall._asked.clear()


def test_a_later_process_answers_without_parsing(parsed: list[str], tmp_path: Path) -> None:
    with recall.recalled(tmp_path / "parsed.json"):
        first = answers()
    assert first == [{"lines"}, None, {"orders", "lines"}, {"o", "l", "id", "sku", "orders", "lines"}]
    assert len(parsed) == 4

    forget()
    with recall.recalled(tmp_path / "parsed.json"):
        assert answers() == first
    assert len(parsed) == 4


def test_a_text_that_changed_is_parsed_and_one_that_is_gone_is_forgotten(parsed: list[str], tmp_path: Path) -> None:
    place = tmp_path / "parsed.json"
    with recall.recalled(place):
        answers()
    forget()
    with recall.recalled(place):
        sql.tables_in(STAR)
        assert sql.tables_in("SELECT * FROM other") == {"other"}

    assert parsed[4:] == ["SELECT * FROM other"]
    assert sorted(json.loads(place.read_text())["noted"].values()) == [["lines"], ["other"]]


@pytest.mark.parametrize("held", ["", "{", "[]", '{"digest": "of another Kehu", "noted": {"tables x": ["wrong"]}}'])
def test_a_broken_or_older_file_costs_only_time(parsed: list[str], tmp_path: Path, held: str) -> None:
    place = tmp_path / "parsed.json"
    place.write_text(held)

    with recall.recalled(place):
        assert sql.tables_in(STAR) == {"lines"}

    assert parsed == [STAR]
    assert list(json.loads(place.read_text())["noted"].values()) == [["lines"]]
    assert [path.name for path in tmp_path.iterdir()] == ["parsed.json"]


def test_a_text_that_cannot_be_parsed_is_refused_each_time(parsed: list[str], tmp_path: Path) -> None:
    for _ in range(2):
        with recall.recalled(tmp_path / "parsed.json"), pytest.raises(TableError, match="cannot be parsed"):
            sql.tables_in("SELECT FROM WHERE")

    assert len(parsed) == 2
    assert not (tmp_path / "parsed.json").exists()
