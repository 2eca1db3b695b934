"""DuckDB's own reading of the SQL about to run: the gate's second opinion.

sqlglot read what the person typed and wrote what runs. Should the two parsers ever disagree, this is where
it shows: every table must be one that the policy put there, every construct and function must be listed.
"""

from __future__ import annotations

import json
from collections import Counter
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING

import duckdb

from kehu.base.errors import QueryError, did_you_mean
from kehu.govern.functions import ALLOWED
from kehu.govern.gate import refusal
from kehu.warehouse.store.engine import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kehu.base.types import Json

NODES = frozenset(
    """
    SELECT_NODE SET_OPERATION_NODE CTE_NODE ORDER_MODIFIER LIMIT_MODIFIER DISTINCT_MODIFIER
    BASE_TABLE SUBQUERY JOIN EMPTY EXPRESSION_LIST TABLE_FUNCTION ORDER_DEFAULT ASCENDING DESCENDING
    """.split()  # noqa: SIM905  # a list of words reads better than a column of strings
)
CLASSES = frozenset(
    """
    CONSTANT COLUMN_REF FUNCTION WINDOW CAST COMPARISON CONJUNCTION OPERATOR CASE SUBQUERY BETWEEN STAR
    COLLATE LAMBDA LAMBDA_REF PARAMETER POSITIONAL_REFERENCE
    """.split()  # noqa: SIM905  # as above
)
_LOCK = Lock()


def confirm(sql: str, tables: Mapping[str, int], ctes: frozenset[str]) -> None:
    """Check that DuckDB reads ``sql`` as the policy wrote it.

    Parameters
    ----------
    sql : str
        What is about to run.
    tables : mapping of str to int
        How often each table of the lake must be scanned: exactly the scans the policy made.
    ctes : frozenset of str
        Names the query gives to its own subqueries.

    Raises
    ------
    QueryError
        When anything else is found.
    """
    scans: Counter[str] = Counter()
    for node in _objects(read(sql)):
        _check(node)
        if node.get("type") == "BASE_TABLE" and not (not node["schema_name"] and node["table_name"] in ctes):
            if node["schema_name"] != "lake" or node["catalog_name"] or node.get("at_clause"):
                raise refusal(f"{node['table_name']!r} is not a table of this workspace")
            scans[node["table_name"]] += 1
    if scans != Counter(tables):
        raise refusal("the query is read in two different ways", fix="Write it more plainly")


def read(sql: str) -> Json:
    """Return DuckDB's syntax tree of one SELECT."""
    try:
        with _LOCK:
            question = f"SELECT json_serialize_sql({quoted(sql)})"  # a parameter would make DuckDB import pandas (.5 s)
            (text,) = _parser().execute(question).fetchone() or ("{}",)
    except duckdb.Error as error:
        raise refusal(f"the SQL cannot be read: {error}") from error
    tree = json.loads(text)
    if tree.get("error") or len(tree.get("statements", ())) != 1:
        message = str(tree.get("error_message", "not one statement")).splitlines()[0]
        raise refusal(f"the SQL cannot be read: {message}", fix="Correct it and try again")
    return tree


@cache
def _parser() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(config={"threads": 1, "memory_limit": "100MB"})
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection


def _objects(tree: Json) -> Iterator[dict[str, Json]]:
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            if node.get("class") == "CONSTANT":
                continue  # a value: nothing in it is syntax
            yield node
            waiting.extend(node.values())
        elif isinstance(node, list):
            waiting.extend(node)


def _check(node: dict[str, Json]) -> None:
    kind, category = node.get("type"), node.get("class")
    if category is not None:
        if category not in CLASSES:
            raise refusal(f"{str(category).lower()} expressions are not allowed here")
    elif isinstance(kind, str) and kind not in NODES and not kind.endswith("_TYPE_INFO"):
        raise refusal(f"{kind.replace('_', ' ').lower()} is not allowed here")
    if node.get("sample") is not None:
        raise refusal("samples are not allowed here")
    if kind == "TABLE_FUNCTION":
        _check_function(node["function"], only=frozenset({"unnest"}))
    elif "function_name" in node:
        _check_function(node)


def _check_function(node: dict[str, Json], only: frozenset[str] = ALLOWED) -> None:
    name = str(node.get("function_name", "?")).lower()
    if name not in only or node.get("schema") not in {"", "main"} or node.get("catalog"):
        hint = did_you_mean(name, sorted(only)) if only is ALLOWED else "Only unnest() may stand in FROM"
        raise QueryError(f"function {name} is not allowed here", where="query", fix=hint)
