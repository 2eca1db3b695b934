from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, Event
from typing import TYPE_CHECKING, Any

import pytest

from kehu.base.errors import TableError
from kehu.warehouse import personal
from kehu.warehouse.catalog import Catalog

if TYPE_CHECKING:
    from collections.abc import Callable

    from kehu.warehouse.table import Table

    Load = Callable[[dict[str, str]], dict[str, Table]]

RAW = {"raw_crm_contact": (("姓名", "VARCHAR"), ("mail", "VARCHAR"), ("id", "VARCHAR"))}
FILES = {
    "staging/stg_record.sql": """
        /*
        description: d
        grain: g
        columns:
          source_key: VARCHAR
          full_name: {type: VARCHAR, pii: true}
          email: {type: VARCHAR, pii: true}
        */
        SELECT id AS source_key, "姓名" AS full_name, mail AS email FROM raw_crm_contact
    """,
    "entity/xref.py": '''
        """
        description: d
        grain: g
        depends: [stg_record]
        columns:
          source_key: {type: VARCHAR, origin: [stg_record.source_key]}
          customer_id: {type: VARCHAR, pii: false, origin: ["stg_record.*"]}
          proof: {type: VARCHAR, origin: ["stg_record.*"]}
        """
        def compute(inputs):
            return inputs.connection.sql("SELECT 1")
    ''',
    "mart/view360.sql": """
        /*
        description: d
        grain: g
        columns:
          customer_id: VARCHAR
          contact: VARCHAR
          has_email: {type: BOOLEAN, pii: false}
          records: BIGINT
        */
        SELECT customer_id, max(coalesce(email, full_name)) AS contact, max(email) IS NOT NULL AS has_email,
          count(*) AS records
        FROM xref JOIN stg_record USING (source_key) GROUP BY customer_id
    """,
}


@pytest.fixture
def catalog(tables: Load) -> Catalog:
    return Catalog(tables(FILES), RAW)


def test_tables_are_ordered_after_what_they_read(catalog: Catalog) -> None:
    assert catalog.order() == ["stg_record", "xref", "view360"]
    assert catalog.order(["xref"]) == ["stg_record", "xref"]


def test_neighbors_are_found_in_both_directions(catalog: Catalog) -> None:
    assert catalog.upstream("view360") == {"xref", "stg_record"}
    assert catalog.downstream("raw_crm_contact") == {"stg_record", "xref", "view360"}


def test_a_circle_is_named(tables: Load) -> None:
    header = "/*\ndescription: d\ngrain: g\ncolumns: {n: INTEGER}\n*/ SELECT n FROM "

    with pytest.raises(TableError, match=r"circle: (one -> two -> one|two -> one -> two)"):
        Catalog(tables({"mart/one.sql": header + "two", "mart/two.sql": header + "one"})).order()


@pytest.mark.parametrize(
    ("said", "fix"),
    [("raw_crm_contacts", "Did you mean 'raw_crm_contact'"), ("orders", "It reads good, raw_crm_contact")],
)
def test_following_what_the_select_does_not_read_is_refused(tables: Load, said: str, fix: str) -> None:
    good = "/*\ndescription: d\ngrain: g\nkind: scratch\ncolumns: {id: VARCHAR}\n*/ SELECT id FROM raw_crm_contact"
    text = """
    /*
    description: d
    grain: g
    kind: merge
    key: [id]
    by: [id]
    follows: {raw_crm_contact: id, good: id}
    columns: {id: VARCHAR}
    */
    SELECT id FROM good
    """

    followed = Catalog(tables({"good.sql": good, "merged.sql": text}))
    typo = Catalog(tables({"merged.sql": text.replace("raw_crm_contact: id", f"{said}: id")}))

    assert followed.order() == ["good", "merged"]
    with pytest.raises(TableError, match=rf"merged\.sql.*follows names '{said}'.*{fix}"):
        typo.order(["merged"])


def test_unknown_names_get_the_closest_one(catalog: Catalog) -> None:
    with pytest.raises(TableError, match="Did you mean 'view360'"):
        catalog.order(["view36"])
    with pytest.raises(TableError, match="Did you mean 'contact'"):
        catalog.lineage("view360", "contakt")


def test_lineage_reaches_raw_columns_through_sql_and_python(catalog: Catalog) -> None:
    tree = catalog.lineage("view360", "contact")

    assert tree.pii
    assert [(node.table, node.column) for node in tree.sources] == [
        ("stg_record", "email"), ("stg_record", "full_name"),
    ]  # fmt: skip
    assert tree.leaves() == {"raw_crm_contact.mail", "raw_crm_contact.姓名"}
    assert catalog.lineage("view360", "customer_id").leaves() >= {"raw_crm_contact.id"}


def test_personal_data_follows_lineage_until_a_header_says_harmless(catalog: Catalog) -> None:
    assert catalog.pii("stg_record") == {"full_name", "email"}
    assert catalog.pii("xref") == {"proof"}
    assert catalog.pii("view360") == {"contact"}
    assert catalog.pii("raw_crm_contact") == {"姓名", "mail", "id"}


def test_a_remembered_answer_parses_nothing(tables: Load, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache, loaded = tmp_path / "pii.json", tables(FILES)
    first = Catalog(loaded, RAW, cache).pii("view360")

    monkeypatch.setattr(personal, "_derived", None)

    assert Catalog(tables(FILES), RAW, cache).pii("view360") == first == {"contact"}


def test_a_changed_table_is_not_answered_from_memory(tables: Load, tmp_path: Path) -> None:
    cache = tmp_path / "pii.json"
    Catalog(tables(FILES), RAW, cache).pii("view360")
    changed = FILES["mart/view360.sql"].replace("count(*) AS records", "count(email) AS records")

    assert Catalog(tables({"mart/view360.sql": changed}), RAW, cache).pii("view360") == {"contact", "records"}


def test_a_broken_memory_is_ignored(tables: Load, tmp_path: Path) -> None:
    cache = tmp_path / "pii.json"
    cache.write_text("[", encoding="utf-8")

    assert Catalog(tables(FILES), RAW, cache).pii("view360") == {"contact"}


def test_threads_that_ask_at_once_derive_personal_data_once(catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    derived, real, together = [], personal._derived, Barrier(4)

    def slowly(*given: Any) -> personal.Personal:
        derived.append(given)
        Event().wait(0.2)  # as real tables take, so that the others ask meanwhile
        return real(*given)

    monkeypatch.setattr(personal, "_derived", slowly)

    def ask(table: str) -> frozenset[str]:
        together.wait(10)
        return catalog.pii(table)

    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(ask, ["view360"] * 4))

    assert found == [{"contact"}] * 4
    assert len(derived) == 1


def test_two_that_remember_at_once_both_answer(tables: Load, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written, real, cache = Barrier(2), Path.write_text, tmp_path / "pii.json"

    def write(path: Path, *given: Any, **more: Any) -> int:
        count = real(path, *given, **more)
        written.wait(10)  # both have written before one puts its file in place
        return count

    loaded = [Catalog(tables(FILES), RAW, cache) for _ in range(2)]
    monkeypatch.setattr(Path, "write_text", write)
    with ThreadPoolExecutor(2) as threads:
        found = list(threads.map(lambda catalog: catalog.pii("view360"), loaded))

    assert found == [{"contact"}] * 2
    assert [path.name for path in tmp_path.glob("pii*")] == ["pii.json"]


def test_a_memory_that_cannot_be_written_costs_no_answer(tables: Load, tmp_path: Path) -> None:
    cache = tmp_path / "pii.json"
    cache.mkdir()

    assert Catalog(tables(FILES), RAW, cache).pii("view360") == {"contact"}
    assert list(tmp_path.glob("pii*")) == [cache]


@pytest.mark.parametrize("module", ["kehu.warehouse.sql", "kehu.govern.compiled"])
def test_who_parses_has_the_whole_dialect_before_threads_ask_for_it(module: str) -> None:
    code = f"import sys, {module}; print('sqlglot.dialects.duckdb' in sys.modules)"

    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout

    assert found == "True\n"


def test_show_tells_all_as_json(catalog: Catalog) -> None:
    shown = json.loads(json.dumps(catalog.show("view360")))

    assert shown["reads"] == ["stg_record", "xref"]
    assert shown["columns"][1] == {
        "name": "contact", "type": "VARCHAR", "meaning": "", "unit": "", "pii": True,
        "origin": ["stg_record.email", "stg_record.full_name"],
    }  # fmt: skip
