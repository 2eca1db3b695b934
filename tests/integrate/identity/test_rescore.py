from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from kehu.integrate.identity.match import NOTHING
from kehu.integrate.identity.rescore import learned, rescored

LOW, HIGH = 0.0, 3.17


def near_misses(size: int, seed: int = 1) -> tuple[pa.Table, np.ndarray]:
    """Pairs whose weights say nothing, of which the household's part tells who is one."""
    draw = np.random.default_rng(seed)
    household = np.where(draw.random(size) < 0.5, 6.0, -2.0)
    rows = [
        {"left_id": 2 * place + 1, "right_id": 2 * place + 2, "splink_weight": weight, "rule": "splink",
         "weight": weight,
         "parts": [{"comparison": "household", "level": "any", "weight": part}]}
        for place, (weight, part) in enumerate(zip(draw.uniform(LOW, HIGH, size), household, strict=True))
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, schema=NOTHING.schema), (household > 0).astype(float)


def test_answers_that_follow_a_comparison_are_learned_and_used() -> None:
    met, is_same = near_misses(800)

    taught = learned(met, is_same)

    assert taught["is_used"]
    assert taught["log_loss"] < 0.2 < taught["log_loss_before"]
    assert 0 < taught["gain_low"] < taught["gain_high"]


def test_answers_by_chance_teach_nothing() -> None:
    met, _ = near_misses(800)
    by_weight = 1 / (1 + np.exp2(-met["weight"].to_numpy()))
    drawn = (np.random.default_rng(3).random(800) < by_weight).astype(float)  # as the weights already say

    assert not learned(met, drawn)["is_used"]


@pytest.mark.parametrize(("size", "same"), [(499, 250), (800, 30)])
def test_few_answers_or_nearly_all_alike_are_not_learned_from(size: int, same: int) -> None:
    met, _ = near_misses(size)

    assert learned(met, (np.arange(size) < same).astype(float)) == {"labels": size, "is_used": False}


def test_only_near_misses_are_weighed_anew() -> None:
    met, is_same = near_misses(800)
    taught = learned(met, is_same)
    sure = met.set_column(
        met.column_names.index("weight"), "weight", pa.array(np.where(np.arange(800) < 400, 9.0, 1.0))
    )

    fresh = rescored(sure, taught, LOW, HIGH)["weight"].to_numpy()

    assert (fresh[:400] == 9.0).all()
    assert ((fresh[400:] > HIGH) == (is_same[400:] > 0)).mean() > 0.95
