"""Bare Splink and bare LightGBM: the same set-up on the same data as Kehu's, without anything around the call.

Usage: python benchmarks/bare.py splink PROJECT | lightgbm PROJECT
Reads the built project first; the clock runs for the bare calls alone. Prints their seconds as JSON.
"""

# ruff: noqa: SLF001  # the same set-up means Kehu's own, private parts

from __future__ import annotations

import json
import sys
import time
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import kehu

if TYPE_CHECKING:
    from collections.abc import Callable


def splink(folder: Path) -> dict[str, float]:
    """Train and predict once with Kehu's comparisons and blocking rules: pairs with weights, nothing decided.

    In Splink's own database, which evaluates the conditions as they are written, level by level.
    """
    import duckdb
    from splink import DuckDBAPI, Linker

    from kehu.integrate.identity import splink_match, train
    from kehu.integrate.identity.block import BLOCKS, records
    from kehu.integrate.identity.compare import COMPARISONS
    from kehu.integrate.identity.scored_pair import opened

    workspace = kehu.open(folder).workspace
    settings = workspace.settings
    with duckdb.connect() as connection:
        connection.register("match_record", workspace.arrow("SELECT * FROM match_record"))
        people = records(connection)
    used = [part for part in COMPARISONS if any(train._filled(people, name) for name in part.needs)]
    given = splink_match.given_parameters(people.num_rows, used)
    started = time.monotonic()
    learned = {**given, **train._learned(people, used, given, settings, database=DuckDBAPI)}
    with opened(settings) as connection:
        known = splink_match.splink_settings(used, learned, splink_match.rules_of(BLOCKS))
        linker = Linker(DuckDBAPI(connection).register(people), known, log_level="ERROR")
        pairs = linker.inference.predict(warning_mode="never")
        ((number,),) = pairs.as_duckdbpyrelation().aggregate("count(*)").fetchall()
    return {"seconds": time.monotonic() - started, "records": people.num_rows, "pairs": number}


def lightgbm(folder: Path) -> dict[str, float]:
    """Fit and predict every booster that the churn and value scorers fit, on the same matrices."""
    import lightgbm as library

    from kehu.predict import boosting

    calls = _calls(folder)
    started = time.monotonic()
    for x, y, objective, init, asked in calls:
        parameters = {**boosting._PARAMETERS, "objective": objective, "boost_from_average": init is None}
        parameters["num_threads"] = 2 if len(x) >= boosting._SMALL else 1
        data = library.Dataset(x, label=y, init_score=init, params={"verbosity": -1})
        booster = library.train(parameters, data, num_boost_round=boosting._ROUNDS)
        for rows in asked:
            booster.predict(rows)
    rows = sum(len(call[0]) for call in calls) + sum(map(len, chain.from_iterable(call[4] for call in calls)))
    return {"seconds": time.monotonic() - started, "boosters": len(calls), "rows": rows}


def _calls(folder: Path) -> list[tuple[Any, ...]]:
    """Run Kehu's scorers once and keep the arguments of every call to LightGBM."""
    from kehu.predict import boosting
    from kehu.predict.feature import load_history
    from kehu.predict.score import scorers

    calls: list[tuple[Any, ...]] = []
    place: dict[int, int] = {}
    boost, predict, raw = boosting.boost, boosting.predict, boosting.raw

    def kept(x: Any, y: Any, objective: str, **options: Any) -> Any:  # noqa: ANN401  # whatever LightGBM takes
        booster = boost(x, y, objective, **options)
        place[id(booster)] = len(calls)
        calls.append((x, y, objective, options.get("offset"), [], booster))
        return booster

    def seen(call: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
        def asked(booster: Any, x: Any) -> Any:  # noqa: ANN401  # whatever LightGBM takes
            calls[place[id(booster)]][4].append(x)
            return call(booster, x)

        return asked

    boosting.boost, boosting.predict, boosting.raw = kept, seen(predict), seen(raw)
    history = load_history(kehu.open(folder).workspace)
    for scorer in scorers().values():
        scorer.score(history, scorer.evaluate(history, threads=2), threads=2)
    boosting.boost, boosting.predict, boosting.raw = boost, predict, raw
    return [call[:5] for call in calls]


if __name__ == "__main__":
    print(json.dumps({"splink": splink, "lightgbm": lightgbm}[sys.argv[1]](Path(sys.argv[2]))))
