"""What people's answers teach about pairs that are neither surely one person nor surely two.

The weights of `kehu.integrate.identity.train` need no label; once enough near misses are decided by hand, gradient
boosting learns from them how to weigh near misses anew. It is used only when it is better on answers it has not seen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import lightgbm as lgb
import numpy as np
import pyarrow as pa

from kehu.integrate.identity.compare import COMPARISONS, log_odds
from kehu.integrate.identity.label import LABELED, LEAST_LABELS
from kehu.integrate.identity.match import matches

if TYPE_CHECKING:
    from kehu.base.settings import Settings
    from kehu.base.types import Json

LEAST_OF_EACH = 50
HELD_OUT = 0.3
ROUNDS = 120
SETTINGS = {
    "objective": "binary", "learning_rate": 0.05, "num_leaves": 7, "min_data_in_leaf": 20, "lambda_l2": 5.0, "seed": 7,
    "deterministic": True, "force_row_wise": True, "num_threads": 1, "verbosity": -1,
}  # fmt: skip
RESAMPLES, SEED = 1000, 7
LIMIT = 12.0  # bits
_NAMES = [*(part.name for part in COMPARISONS), "relative"]
RECORDS = """
WITH label AS ({labeled})
SELECT row_number() OVER (ORDER BY label, side) AS unique_id, label, TRUE AS is_marked, r.*
FROM (
  SELECT label, 1 AS side, left_source AS source, left_key AS source_key FROM label
  UNION ALL SELECT label, 2, right_source, right_key FROM label
) JOIN match_record AS r USING (source, source_key) ORDER BY unique_id
"""


def rescorer(connection: duckdb.DuckDBPyConnection, settings: Settings, parameters: Json) -> dict[str, Json]:
    """Return what the decided near misses teach, and whether it is to be used.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        Holds ``decided_pair`` and ``match_record``.
    settings : Settings
        ``match_at`` and ``review_at``, memory and threads.
    parameters : mapping
        What comparisons weigh, see `kehu.integrate.identity.train.train`.

    Returns
    -------
    dict
        labels (near misses among the decided pairs), is_used, and once there are enough: trees (LightGBM's text),
        log_loss and log_loss_before (nats a pair, on the held-out third), gain_low and gain_high (95 % interval of
        their difference by bootstrap). It is used when the whole interval is above zero.
    """
    return learned(*_near_misses(connection, settings, parameters))


def learned(met: pa.Table, is_same: np.ndarray) -> dict[str, Json]:
    """Return what :func:`rescorer` returns, of near misses (as `matches` gives them) and their answers (1 same)."""
    size = len(is_same)
    enough = size >= LEAST_LABELS and min(int(is_same.sum()), size - int(is_same.sum())) >= LEAST_OF_EACH
    if not enough:
        return {"labels": size, "is_used": False}
    features, before = _features(met), _probability(met["weight"].to_numpy())
    held = np.random.default_rng(SEED).permutation(size) < HELD_OUT * size
    tried = lgb.train(SETTINGS, lgb.Dataset(features[~held], is_same[~held]), ROUNDS)
    losses = [_loss(found, is_same[held]) for found in (before[held], np.asarray(tried.predict(features[held])))]
    gain = losses[0] - losses[1]
    draws = np.random.default_rng(SEED).integers(0, len(gain), (RESAMPLES, len(gain)))
    low, high = np.quantile(gain[draws].mean(axis=1), (0.025, 0.975))
    kept = lgb.train(SETTINGS, lgb.Dataset(features, is_same), ROUNDS)
    return {
        "labels": size, "is_used": bool(low > 0), "trees": kept.model_to_string(), "gain_low": round(float(low), 4),
        "gain_high": round(float(high), 4), "log_loss": round(float(losses[1].mean()), 4),
        "log_loss_before": round(float(losses[0].mean()), 4),
    }  # fmt: skip


def rescored(matched: pa.Table, taught: Json, low: float, high: float) -> pa.Table:
    """Return pairs with the weight of near misses replaced by what was learned from people's answers.

    Parameters
    ----------
    matched : pyarrow.Table
        What `kehu.integrate.identity.match.matches` returns.
    taught : mapping
        What :func:`rescorer` returned, with ``is_used``.
    low, high : float
        The weights between which a pair is a near miss.
    """
    weight = matched["weight"].to_numpy()
    near = (weight >= low) & (weight < high)
    if not near.any():
        return matched
    trees = lgb.Booster(model_str=taught["trees"])
    share = np.clip(np.asarray(trees.predict(_features(matched.filter(pa.array(near))))), 1e-6, 1 - 1e-6)
    fresh = weight.copy()
    fresh[near] = np.round(np.clip(np.log2(share / (1 - share)), -LIMIT, LIMIT), 6)
    return matched.set_column(matched.column_names.index("weight"), "weight", pa.array(fresh))


def _near_misses(
    connection: duckdb.DuckDBPyConnection, settings: Settings, parameters: Json
) -> tuple[pa.Table, np.ndarray]:
    people = connection.sql(RECORDS.format(labeled=LABELED)).to_arrow_table()
    said = connection.sql(f"SELECT label, is_same FROM ({LABELED}) ORDER BY label").to_arrow_table()
    met = matches(people, {**parameters, "every_pair": False}, ("label",), settings)
    label = people["label"].to_numpy()[met["left_id"].to_numpy() - 1]
    weight = met["weight"].to_numpy()
    low, high = log_odds(settings.review_at), log_odds(settings.match_at)
    near = (weight >= low) & (weight < high)
    is_same = said["is_same"].to_numpy(zero_copy_only=False)[label - 1]
    return met.filter(pa.array(near)), is_same[near].astype(float)


def _features(met: pa.Table) -> np.ndarray:
    """Return the weight of each pair and what each comparison adds to it, NaN where it says nothing."""
    parts = ", ".join(
        f"list_extract(list_filter(parts, lambda part: part.comparison = '{name}'), 1).weight" for name in _NAMES
    )
    with duckdb.connect() as own:
        own.register("met", met)
        found = own.sql(f"SELECT weight, splink_weight, {parts} FROM met").fetchnumpy()
    return np.column_stack([np.ma.filled(np.ma.asarray(column, dtype=float), np.nan) for column in found.values()])


def _probability(weight: np.ndarray) -> np.ndarray:
    found: np.ndarray = 1 / (1 + np.exp2(-weight))
    return found


def _loss(share: np.ndarray, is_same: np.ndarray) -> np.ndarray:
    share = np.clip(share, 1e-6, 1 - 1e-6)
    found: np.ndarray = -np.log(np.where(is_same > 0, share, 1 - share))
    return found
