"""Pairs of records with the level that each comparison reaches and their match weight, under given parameters."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kehu.integrate.identity.block import QUIET
from kehu.integrate.identity.compare import COMPARISONS, MACROS, ONCE, log_odds
from kehu.integrate.identity.relative import Kinds, Met, Shares, correction

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kehu.base.settings import Settings
    from kehu.base.types import Json
    from kehu.integrate.identity.compare import Comparison

LEAST_FREQUENCY = 2e-5  # what is rarer counts as this rare: one odd spelling must not prove anything
FREQUENCIES = sorted({level.frequency for part in COMPARISONS for level in part.levels if level.frequency})
CHUNK = 2_000_000  # pairs scored at once
PAIRS = "blocked_with_cols"  # what Splink calls pairs with the columns of both records
_PAIRS = re.compile(rf"\bfrom ({PAIRS}|__splink__blocked_id_pairs)(?!\w)", re.IGNORECASE)
_COLUMN = re.compile(r"\b(\w+)_[lr]\b")


def scored_pairs(people: pa.Table, met: pa.Table, parameters: Json, settings: Settings) -> Iterator[pa.Table]:
    """Yield pairs of records with their match weights, ``CHUNK`` pairs at a time: that bounds the memory.

    The weight is Splink's, up to rounding: Splink learns what each level weighs, but to weigh a pair needs no more
    than the levels, and DuckDB finds these in less than half the time of Splink's SQL. One thing differs where
    ``chance`` is learned: Splink replaces a level's u by the value's frequency, as if equal values were all the level
    asks; one that also asks for an unknown address would then say too little. Here u is scaled by how the value's
    frequency compares with the chance of equal values.

    Parameters
    ----------
    people : pyarrow.Table
        One row per record: ``unique_id`` and the columns of ``COMPARISONS``.
    met : pyarrow.Table
        The pairs: left_id, right_id (``unique_id`` of people), see `kehu.integrate.identity.block.met_pairs`.
    parameters : mapping
        What `kehu.integrate.identity.train.train` returned. The same parameters give a pair the same weight,
        whatever other records are there.
    settings : Settings
        Memory and threads.

    Yields
    ------
    pyarrow.Table
        left_id, right_id, match_weight, and per comparison ``gamma_<name>`` (-1 unknown, 0 least agreement),
        ``mw_<name>`` and, where frequencies count, ``mw_tf_adj_<name>`` (log2 Bayes factors).

    References
    ----------
    Fellegi and Sunter (1969). A theory for record linkage. Journal of the American Statistical Association 64,
    1183-1210. Frequencies: Linacre et al. (2022), Splink, International Journal of Population Data Science 7 (3).
    """
    used = [part for part in COMPARISONS if part.name in parameters["comparisons"]]
    shares = _shares_of_values(people, used, parameters)
    sql = _levels(used)
    with opened(settings) as connection:
        connection.register("people", people)
        columns = ", ".join(["unique_id", *sorted(set(_COLUMN.findall(sql)) & set(people.column_names))])
        connection.execute("SET preserve_insertion_order = false")  # persons are looked up by number
        connection.execute(f"CREATE TABLE person AS SELECT {columns} FROM people")
        connection.execute("RESET preserve_insertion_order")
        for start in range(0, max(met.num_rows, 1), CHUNK):
            pairs = _weighed(_reached(connection, met.slice(start, CHUNK), sql), used, shares, parameters)
            yield _among_relatives(pairs, used, parameters) if "home" in parameters else pairs


@contextmanager
def opened(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a database of its own with the macros of the comparisons."""
    threads = {"threads": settings.threads} if settings.threads else {}
    config: dict[str, Json] = {"memory_limit": settings.memory_limit, **threads}
    with duckdb.connect(config=config) as connection:
        connection.execute(QUIET)
        for macro in MACROS:
            connection.execute(f"CREATE MACRO {macro}")
        yield connection


def asked_once(sql: str) -> str:
    """Return SQL over pairs, Splink's too, with the conditions of ``ONCE`` evaluated one time per pair.

    DuckDB evaluates a condition anew in every branch of a CASE that names it.
    """
    asked = {condition: f"asked_{place}" for place, condition in enumerate(ONCE) if condition in sql}
    if not asked or not _PAIRS.search(sql):
        return sql
    columns = ", ".join(f"{ONCE[condition]} AS {name}" for condition, name in asked.items())
    for condition, name in asked.items():
        sql = sql.replace(condition, name)
    return _PAIRS.sub(lambda found: f"FROM (SELECT *, {columns} FROM {found[1]})", sql)


def columns_of(part: Comparison) -> set[str]:
    """Return the columns of records that a comparison asks for."""
    return set(_COLUMN.findall(" ".join([part.unknown, *(level.sql for level in part.levels)])))


def _levels(used: list[Comparison]) -> str:
    """Return the SELECT of the level of each comparison, of pairs with the columns of both records."""
    cases = []
    for part in used:
        top = len(part.levels) - 1
        whens = " ".join(f"WHEN {level.sql} THEN {top - place}" for place, level in enumerate(part.levels[:-1]))
        cases.append(f"CAST(CASE WHEN {part.unknown} THEN -1 {whens} ELSE 0 END AS TINYINT) AS gamma_{part.name}")
    return asked_once(f"SELECT left_id, right_id, {', '.join(cases)} FROM {PAIRS}")


def _reached(connection: duckdb.DuckDBPyConnection, met: pa.Table, sql: str) -> pa.Table:
    connection.register("met", met)
    connection.execute("CREATE OR REPLACE TABLE pair AS FROM met")  # DuckDB reads an own table with all threads
    names = [name for (name, *_) in connection.execute("DESCRIBE person").fetchall()]
    columns = ", ".join(f"{side}.{name} AS {name}_{side}" for name in names for side in "lr")
    both = f"""
      SELECT left_id, right_id, {columns} FROM pair
      JOIN person AS l ON l.unique_id = left_id JOIN person AS r ON r.unique_id = right_id
    """
    return connection.sql(f"WITH {PAIRS} AS ({both}) {sql}").to_arrow_table()  # execute() would use one thread


def _shares_of_values(people: pa.Table, used: list[Comparison], parameters: Json) -> dict[str, np.ndarray]:
    """Return how frequent the value of each record is, by ``unique_id``, of the columns whose frequency counts."""
    ids = people["unique_id"].to_numpy()
    found = {}
    for column in {level.frequency for part in used for level in part.levels if level.frequency}:
        known = parameters["frequency"].get(column, {})
        place = pc.index_in(people[column], value_set=pa.array(list(known), pa.string())).combine_chunks()
        share = np.append(np.fromiter(known.values(), float, len(known)), parameters["rare"])[place.fill_null(-1)]
        found[column] = np.full(int(ids.max(initial=0)) + 1, np.nan)
        found[column][ids] = np.where(people[column].is_null().to_numpy(), np.nan, share)
    return found


def _weighed(pairs: pa.Table, used: list[Comparison], shares: dict[str, np.ndarray], parameters: Json) -> pa.Table:
    """Return pairs with what each comparison adds to their weight, and the weight."""
    ends = pairs["left_id"].to_numpy(), pairs["right_id"].to_numpy()
    weight = np.full(pairs.num_rows, log_odds(parameters["share"]))
    for part in used:
        level = pairs[f"gamma_{part.name}"].to_numpy()
        said = [parameters["comparisons"][part.name][one.name] for one in reversed(part.levels)]
        bits = np.append(np.log2([m / u for m, u in said]), 0.0)[level]
        weight += bits
        pairs = pairs.append_column(f"mw_{part.name}", pa.array(bits))
        if any(one.frequency for one in part.levels):
            adjusted = np.zeros(pairs.num_rows)
            for reached, (one, (_, u)) in enumerate(zip(reversed(part.levels), said, strict=True)):
                if one.frequency:
                    here = np.flatnonzero(level == reached)
                    share = np.fmax(*(shares[one.frequency][end[here]] for end in ends))
                    usual = max(u, parameters["chance"].get(one.frequency, 0.0))
                    adjusted[here] = np.nan_to_num(np.log2(usual) - np.log2(np.maximum(share, LEAST_FREQUENCY)))
            weight += adjusted
            pairs = pairs.append_column(f"mw_tf_adj_{part.name}", pa.array(adjusted))
    return pairs.append_column("match_weight", pa.array(weight))


def met(pairs: pa.Table, used: list[Comparison]) -> Met:
    """Return the levels that scored pairs reach, and what their rare values add."""
    adjusted = {part.name: pairs[f"mw_tf_adj_{part.name}"].to_numpy() for part in used
                if f"mw_tf_adj_{part.name}" in pairs.column_names}  # fmt: skip
    nothing = np.zeros(pairs.num_rows)
    return Met(
        [pairs[f"gamma_{part.name}"].to_numpy() for part in used],
        sum(adjusted.values(), nothing),
        sum((bits for name, bits in adjusted.items() if name in ("household", "place")), nothing),
    )


def _among_relatives(pairs: pa.Table, used: list[Comparison], parameters: Json) -> pa.Table:
    """Weigh that a pair may also be two persons of one home, see `kehu.integrate.identity.relative`."""
    extra = correction(kinds_of(used, parameters), met(pairs, used))
    place = pairs.column_names.index("match_weight")
    weight = pa.array(pairs["match_weight"].to_numpy() + extra)
    return pairs.set_column(place, "match_weight", weight).append_column("mw_relative", pa.array(extra))


def kinds_of(used: list[Comparison], parameters: Json) -> Kinds:
    """Return the three kinds of pairs that parameters tell."""
    shares = []
    for part in used:
        known, relatives = parameters["comparisons"][part.name], parameters["home"]["comparisons"][part.name]
        said = [(*known[level.name], *relatives[level.name]) for level in reversed(part.levels)]
        one, _, home, two = (np.array(column) for column in zip(*said, strict=True))
        shares.append(Shares(one, home, two))
    return Kinds(parameters["share"], parameters["home"]["share"], tuple(shares))
