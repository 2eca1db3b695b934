"""Keys that hang together are found step by step, and all at once."""

from __future__ import annotations

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st

from kehu.integrate.identity import customer_ids, record_cluster, touch

TABLES = {
    "record_link": "left_source, left_key, right_source, right_key, decision",
    "decided_pair": "left_source, left_key, right_source, right_key, kind, decided_at",
    "reference_link": "left_source, left_key, right_source, right_key",
    "record_cluster": "source, source_key, head_source, head_key, home_source, home_key",
    "customer_xref": "source, source_key, customer_id, home_id",
}
WEBS = (record_cluster.WEB, customer_ids.web(has_home=True), customer_ids.web(has_home=False))
PAIRS = st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)), max_size=6)
HOLDERS = st.lists(st.integers(0, 11), min_size=12, max_size=12)
GROUPS = st.tuples(HOLDERS, HOLDERS, HOLDERS)
SOURCES = ("crm", "till")


def ends(*numbers: int) -> tuple[str, ...]:
    return tuple(text for number in numbers for text in (SOURCES[number % 2], str(number)))


def reached(connection: duckdb.DuckDBPyConnection, web: touch.Web, *, few: int) -> set[tuple[str, str]]:
    connection.execute("CREATE OR REPLACE TEMP TABLE touched AS SELECT 'crm' AS _k1, '0' AS _k2, FALSE AS _is_fresh")
    touch.touch_reached(connection, web, few=few)
    found = connection.execute("SELECT _k1, _k2 FROM touched").fetchall()
    assert len(found) == len(set(found))
    return set(found)


@given(matched=PAIRS, unlike=PAIRS, said=PAIRS, resolved=PAIRS, groups=GROUPS)
@settings(max_examples=20, deadline=None)
def test_all_at_once_reaches_what_step_by_step_does(matched, unlike, said, resolved, groups) -> None:
    heads, homes, customers = ([labels.index(label) for label in labels] for labels in groups)  # the first is head
    tables = {
        "record_link": [(*ends(*pair), "match") for pair in matched] + [(*ends(*pair), "apart") for pair in unlike],
        "decided_pair": [(*ends(*pair), "same", "1") for pair in said]
        + [(*ends(*pair), "different", "1") for pair in unlike],
        "reference_link": [ends(*pair) for pair in resolved],
        "record_cluster": [ends(*numbers) for numbers in zip(range(12), heads, homes, strict=True)],
        "customer_xref": [(*ends(number), f"c{customers[number]}", f"c{home}") for number, home in enumerate(homes)],
    }

    with duckdb.connect(config={"threads": 1}) as connection:
        for table, rows in tables.items():
            columns = TABLES[table].split(", ")
            select = ", ".join(f"CAST(NULL AS VARCHAR) AS {column}" for column in columns)
            values = " UNION ALL ".join(["SELECT " + ", ".join(map(repr, row)) for row in rows])
            connection.execute(f"CREATE TABLE {table} AS SELECT {select} LIMIT 0")
            if rows:
                connection.execute(f"INSERT INTO {table} {values}")

        for web in WEBS:
            assert reached(connection, web, few=0) == reached(connection, web, few=100)
