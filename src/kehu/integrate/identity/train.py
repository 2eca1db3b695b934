"""What the comparisons weigh, learned from the records themselves: no pair needs a label."""

from __future__ import annotations

import logging
from copy import deepcopy
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from splink import DuckDBAPI, Linker
from splink.internals.exceptions import EMTrainingException

from kehu.integrate.identity.block import BLOCKS, met_pairs
from kehu.integrate.identity.compare import COMPARISONS
from kehu.integrate.identity.relative import Kinds, Shares, learned
from kehu.integrate.identity.scored_pair import (
    FREQUENCIES,
    LEAST_FREQUENCY,
    PAIRS,
    asked_once,
    columns_of,
    met,
    opened,
    scored_pairs,
)
from kehu.integrate.identity.splink_match import (
    AskedOnce,
    apart,
    database_errors,
    given_parameters,
    rules_of,
    splink_settings,
)

if TYPE_CHECKING:
    from splink.internals.blocking_rule_creator import BlockingRuleCreator

    from kehu.base.settings import Settings
    from kehu.base.types import Json
    from kehu.integrate.identity.compare import Comparison

LEAST_RECORDS = 200  # below, no training: the levels' own m and u stand, and every pair is compared
EVERY_PAIR = 1500  # records below which every pair is compared
TRAINED_SHARE = 0.7  # weight of what was learned against the levels' own m; keeps a thin table from going wild
SAMPLED_PAIRS = 1e6
RANDOM_PAIRS = 2e5
SAMPLED_RECORDS = 20_000  # records whose pairs tell how many pairs are of one person
TRAINING = (
    ("email",),
    ("given", "family"),
    ("birth",),
    ("phone",),
)
CERTAIN = (  # pairs that are one person nearly always, and the share of all true pairs they are taken for
    (("national_id",), "l.national_id = r.national_id"),
    (("email", "given"), "l.email = r.email AND l.given = r.given"),
    (("given", "birth"), "l.given = r.given AND l.family = r.family AND l.birth = r.birth"),
    (("given", "phone"), "l.given = r.given AND l.family = r.family AND l.phone = r.phone"),
)
# The same where nothing known tells the members of a home apart: a home counts as one person.
OF_ONE_HOME = (
    (("family", "phone"), "l.family = r.family AND l.phone = r.phone"),
    (("family", "street"), "l.family = r.family AND l.street = r.street AND l.house_number = r.house_number"),
)
CERTAIN_RECALL = 0.7
FEW_PAIRS = 1e4  # so many pairs with values that differ are added to those that tell how often values are equal
PAIRED_RECORDS = 600  # random records, each with each, that tell how often values are known
LEAST_KNOWN = 1e-4
HOME_LEARNED = ("household", "place", "birth_date")  # the given name tells relatives from one person, twins too
OWN = ("given_name", "birth_date", "email", "national_id", "loyalty_card")  # what tells members of a home apart
RARE = 1e-4  # share of pairs
SEED = 7


def train(people: pa.Table, settings: Settings) -> dict[str, Json]:
    """Return the parameters under which pairs of these records, and of later ones, are weighed.

    Parameters
    ----------
    people : pyarrow.Table
        One row per record: ``unique_id``, the columns of ``COMPARISONS`` and the blocking keys of ``BLOCKS``.
    settings : Settings
        Memory and threads.

    Returns
    -------
    dict
        JSON: ``share`` (probability that two records drawn at random are one person), ``comparisons`` (per comparison
        and level m and u), ``frequency`` (per column the values frequent enough to say less) and ``rare`` (what any
        other value's counts as), ``home`` (the same shares of pairs of one home, see
        `kehu.integrate.identity.relative`; absent when nothing was learned), ``chance`` (per column of ``frequency``
        the probability that two persons drawn at random have the same value), ``every_pair`` (so few records that all
        pairs are compared), ``set_up`` (which comparisons these are for).

    References
    ----------
    Fellegi and Sunter (1969), A theory for record linkage; parameters by expectation maximisation (Winkler, 1988).
    """
    used = [part for part in COMPARISONS if any(_filled(people, column) for column in part.needs)]
    parameters = given_parameters(people.num_rows, used)
    parameters["rare"] = max(LEAST_FREQUENCY, 1 / max(people.num_rows, 1))
    parameters["frequency"] = {column: _frequent(people[column], parameters["rare"]) for column in FREQUENCIES}
    if people.num_rows < LEAST_RECORDS or not used:
        parameters["every_pair"] = people.num_rows < LEAST_RECORDS
    else:
        parameters["every_pair"] = people.num_rows < EVERY_PAIR
        parameters.update(_learned(people, used, parameters, settings))
        parameters.update(_with_relatives(people, used, parameters, settings))
    # Only now: learned with it, relatives are told apart a little worse.
    parameters["chance"] = {column: _chance(people[column], parameters["share"]) for column in FREQUENCIES}
    return parameters


def _learned(
    people: pa.Table,
    used: list[Comparison],
    given: dict[str, Json],
    settings: Settings,
    *,
    database: type[DuckDBAPI] = AskedOnce,
) -> dict[str, Json]:
    logging.getLogger("splink").setLevel(logging.ERROR)
    with opened(settings) as connection, database_errors():
        frame = database(connection).register(people, dataset_display_name="record")
        known = splink_settings(used, given, rules_of(BLOCKS))
        linker = Linker(frame, known, log_level="ERROR", validate_settings=False)
        training = linker.training
        training.estimate_u_using_random_sampling(max_pairs=RANDOM_PAIRS, seed=SEED, num_chunks=1)
        rules: list[str | BlockingRuleCreator] = [
            rule
            for columns, rule in (CERTAIN if _tells_apart(used) else OF_ONE_HOME)
            if all(_filled(people, column) for column in columns)
        ]
        if rules:
            training.estimate_probability_two_random_records_match(rules, recall=CERTAIN_RECALL)
        for columns in TRAINING:
            if all(_filled(people, column) for column in columns) and _leaves_some(columns, used):
                _maximise(linker, columns, SAMPLED_PAIRS if people.num_rows > 20_000 else None)
        learned: dict[str, Json] = linker.misc.save_model_to_json()
    share = min(max(learned["probability_two_random_records_match"], 0.1 / people.num_rows**2), 0.5)
    found = {one["output_column_name"]: one["comparison_levels"][1:] for one in learned["comparisons"]}
    levels = {  # training that meets no pair may leave a comparison out: its own m and u stand
        part.name: _blend(part, found[part.name]) if part.name in found else given["comparisons"][part.name]
        for part in used
    }
    return {"share": share, "comparisons": levels}


def _maximise(linker: Linker, columns: tuple[str, ...], most: float | None) -> None:
    """Learn from the pairs that are equal in some columns what the comparisons that do not ask for them weigh.

    Where no pair is, or a level's m comes to 0, Splink refuses, and leaves its model with nothing but the comparisons
    it was about to learn, and with the share of matches among these pairs: the model is put back.
    """
    rule = " AND ".join(f"l.{column} = r.{column}" for column in columns)
    model = linker._settings_obj  # noqa: SLF001  # Splink says in no other way what it has learned so far
    before = deepcopy(model.core_model_settings)
    try:
        linker.training.estimate_parameters_using_expectation_maximisation(
            rule, estimate_without_term_frequencies=True, max_pairs=most
        )
    except (EMTrainingException, ValueError):
        model.core_model_settings = before


def _leaves_some(columns: tuple[str, ...], used: list[Comparison]) -> bool:
    """Tell whether a comparison asks for none of the columns: pairs that are equal there teach nothing of the others.

    Splink leaves the others out, and of nothing but those makes SQL without columns.
    """
    return any(not set(columns) & columns_of(part) for part in used)


def _blend(part: Comparison, learned: list[dict[str, Json]]) -> dict[str, list[float]]:
    known_m = [_number(level.get("m_probability"), own.m) for own, level in zip(part.levels, learned, strict=True)]
    shares = [TRAINED_SHARE * m + (1 - TRAINED_SHARE) * own.m for own, m in zip(part.levels, known_m, strict=True)]
    found = {}
    for place, (own, level, blended) in enumerate(zip(part.levels, learned, shares, strict=True)):
        m = blended / sum(shares)
        sampled = _number(level.get("u_probability"), own.u)
        is_rare = sampled == apart(own.u, place)  # no random pair reached it: Splink left what was given
        found[own.name] = [m, apart(own.u / 4 if is_rare else max(sampled, own.u / 4), place)]
    return found


def _frequent(values: pa.ChunkedArray, least: float) -> dict[str, float]:
    """Return the values that are more frequent than the least frequency, with their share of the filled ones."""
    filled = len(values) - values.null_count
    counted = pc.value_counts(values.drop_null())
    share = pc.divide(pc.cast(counted.field("counts"), pa.float64()), float(max(filled, 1)))
    frequent = pc.greater(share, least)
    names, shares = counted.field("values").filter(frequent), share.filter(frequent)
    return dict(sorted(zip(names.to_pylist(), shares.to_pylist(), strict=True)))


def _chance(values: pa.ChunkedArray, share: float) -> float:
    """Return how likely two persons drawn at random have the same value; ``share`` of the pairs are of one person."""
    counts = pc.value_counts(values.drop_null()).field("counts").to_numpy().astype(float)
    pairs, equal = counts.sum() * (counts.sum() - 1) / 2, (counts * (counts - 1)).sum() / 2
    return max(float((equal - share * pairs) / (pairs + FEW_PAIRS)), 0.0)


def _with_relatives(
    people: pa.Table, used: list[Comparison], parameters: dict[str, Json], settings: Settings
) -> dict[str, Json]:
    """Return what three kinds of pairs reach, learned from the pairs of some records with all others."""
    size = people.num_rows
    draw = np.random.default_rng(SEED).permutation(size) < SAMPLED_RECORDS
    marked = people.append_column("is_marked", pa.array(draw))
    every = met_pairs(marked, None if parameters["every_pair"] else BLOCKS, settings)
    pairs = pa.concat_tables(scored_pairs(marked, every, parameters, settings))
    drawn, others = int(draw.sum()), size - int(draw.sum())
    home = parameters["share"] / 2 if _tells_apart(used) else 0.0
    own = tuple(_own_shares(part, parameters, is_alone=not home) for part in used)
    start = Kinds(parameters["share"], home, own)
    kinds = learned(start, met(pairs, used), drawn * (drawn - 1) / 2 + drawn * others, _known(people, used, settings))
    unlike, of_home = {}, {}
    for part, shares in zip(used, kinds.shares, strict=True):
        names = [level.name for level in reversed(part.levels)]
        mixed = [apart(float(u), place) for place, u in enumerate(kinds.unlike(shares))]
        unlike[part.name] = dict(zip(names, zip(shares.one.tolist(), mixed, strict=True), strict=True))
        of_home[part.name] = dict(zip(names, zip(shares.home.tolist(), shares.two.tolist(), strict=True), strict=True))
    return {"share": kinds.one, "comparisons": unlike, "home": {"share": kinds.home, "comparisons": of_home}}


def _tells_apart(used: list[Comparison]) -> bool:
    return any(part.name in OWN for part in used)


def _own_shares(part: Comparison, parameters: dict[str, Json], *, is_alone: bool) -> Shares:
    """Return where learning starts from.

    Of a level that nothing stands beside (``is_alone``) learning changes nothing. Random pairs that reach a rare one
    are mostly of one person then: strangers reach it no more often than its own u says.
    """
    levels = part.levels[::-1]
    one, two = (
        np.array(column) for column in zip(*(parameters["comparisons"][part.name][x.name] for x in levels), strict=True)
    )
    if is_alone:
        rare = np.array([level.u / 4 for level in levels])
        two = np.where(rare < RARE, np.minimum(two, rare), two)
    home = np.array([level.home for level in levels])
    return Shares(one, home / home.sum(), two, part.name in HOME_LEARNED)


def _known(people: pa.Table, used: list[Comparison], settings: Settings) -> list[float]:
    """Return per comparison the share of random pairs whose values are known."""
    draw = np.random.default_rng(SEED).permutation(people.num_rows)[:PAIRED_RECORDS]
    columns = [name for name in people.column_names if name not in BLOCKS]
    asked = ", ".join(f"avg(CASE WHEN {part.unknown} THEN 0 ELSE 1 END)" for part in used)
    sides = (", ".join(f"{name} AS {name}_{side}" for name in columns) for side in "lr")
    left, right = (f"(SELECT {side} FROM few)" for side in sides)
    pairs = f"SELECT * FROM {left} CROSS JOIN {right} WHERE unique_id_l < unique_id_r"
    with opened(settings) as connection:
        connection.register("few", people.select(columns).take(draw))
        sql = f"WITH {PAIRS} AS ({pairs}) {asked_once(f'SELECT {asked} FROM {PAIRS}')}"
        ((*shares,),) = connection.execute(sql).fetchall()
    return [max(float(share or 0), LEAST_KNOWN) for share in shares]


def _filled(records: pa.Table, column: str) -> bool:
    return bool(records.num_rows > records[column].null_count)


def _number(value: Json, own: float) -> float:
    return float(value) if isinstance(value, int | float) else own
