"""The weight of a pair of records, step by step: the prior, what each comparison said, what a rule made of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kehu.base.types import Json

SMALL = 0.05  # bits; what rounding leaves over is no step


@dataclass(frozen=True)
class Step:
    """One step of a waterfall.

    Attributes
    ----------
    kind : str
        ``prior`` (log2 odds before any evidence), ``comparison`` (what one comparison adds) or ``rule`` (what a shared
        key raises the weight to, or a contradiction caps it at).
    name, level : str
        The comparison and how far both agree; the rule.
    bits : float
        What it adds to the weight; log2 of a Bayes factor.
    total : float
        The weight after it.
    """

    kind: str
    name: str
    level: str
    bits: float
    total: float


@dataclass(frozen=True)
class Waterfall:
    """From the prior to the probability.

    Attributes
    ----------
    steps : tuple of Step
        Their bits add up to ``weight``, but for rounding. Of a reference or a person's decision one step.
    weight : float
        log2 odds that both records are one.
    probability : float
        The same as a probability, as the table has it.
    """

    steps: tuple[Step, ...]
    weight: float
    probability: float


def waterfall(pair: Mapping[str, Any]) -> Waterfall:
    """Return how the weight of a pair came to be.

    Parameters
    ----------
    pair : mapping
        ``rule``, ``weight``, ``probability`` and ``evidence`` (JSON) of ``record_link``, ``merge_event`` or
        ``review_pair``.

    Notes
    -----
    weight = prior + sum of the comparisons' bits + what the rule did; probability = 1 / (1 + 2 ** -weight).
    """
    weight, evidence = float(pair["weight"] or 0), parsed(pair["evidence"], {})
    found = _compared(evidence) if isinstance(evidence, dict) and evidence.get("parts") else []
    before = found[-1].total if found else 0.0
    if abs(weight - before) >= SMALL or not found:
        level = str(evidence.get("conflict") or evidence.get("chosen_by") or "") if isinstance(evidence, dict) else ""
        found.append(Step("rule", str(pair["rule"]), level, round(weight - before, 6), weight))
    return Waterfall(tuple(found), weight, float(pair["probability"] or 0))


def _compared(evidence: dict[str, Json]) -> list[Step]:
    parts = _parts(evidence["parts"])
    scored = float(evidence.get("splink_weight") or 0)
    prior = evidence.get("prior")
    total = scored - sum(bits for *_, bits in parts) if prior is None else float(prior)
    found = [Step("prior", "", "", round(total, 6), round(total, 6))]
    for name, level, bits in parts:
        total += bits
        found.append(Step("comparison", name, level, bits, round(total, 6)))
    return found


def _parts(said: Json) -> list[tuple[str, str, float]]:
    """Return comparison, level and bits; entries of the ledger made until November 2026 have a list of objects."""
    if isinstance(said, dict):
        return [(name, str(level), float(bits)) for name, (level, bits) in said.items()]
    return [
        (str(part.get("comparison")), str(part.get("level")), float(part.get("weight") or 0))
        for part in said
        if isinstance(part, dict)
    ]


def parsed(text: object, default: Json) -> Json:
    """Return JSON text as a value; ``default`` for NULL."""
    if text is None or text == "":
        return default
    return json.loads(text) if isinstance(text, str) else text
