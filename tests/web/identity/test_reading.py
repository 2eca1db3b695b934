"""Evidence as pages show it."""

from __future__ import annotations

import pytest

from kehu.present.identity.waterfall import waterfall


@pytest.fixture(autouse=True)
def nothing_waits(db):
    """Nothing is decided here; words need the app."""


@pytest.mark.parametrize(
    ("value", "shown"),
    [(None, "–"), (0.5, "50.0%"), (0.9984, "99.8%"), (0.9995, "99.95%"), (0.999999, ">99.99%"), (1e-9, "<0.01%")],
)
def test_a_probability_never_claims_to_be_certain(value, shown):
    from kehu.web.identity.reading import chance

    assert chance(value) == shown


def test_bars_of_a_waterfall_join_each_other_and_end_at_the_weight():
    from kehu.web.identity.reading import falls

    parts = {"email": ["same", 12.0], "gender": ["different", -2.0]}
    evidence = {"splink_weight": 6.0, "prior": -4.0, "parts": parts}

    found = falls(waterfall({"rule": "splink", "weight": 6.0, "probability": 0.98, "evidence": evidence}))

    places = [(step["x"], step["width"], step["way"]) for step in found["steps"]]
    assert places == [(0.0, 33.33, "down"), (0.0, 100.0, "up"), (83.33, 16.67, "down")]
    assert [step["total"] for step in found["steps"]] == ["−4.0", "+8.0", "+6.0"]
    assert (found["zero"], found["weight"], found["chance"]) == (33.33, "+6.0", "98.0%")


def test_a_decision_of_a_person_is_one_step():
    from kehu.web.identity.reading import falls

    found = falls(waterfall({"rule": "decided", "weight": 40.0, "probability": 1.0, "evidence": None}))

    assert [(step["label"], step["detail"]) for step in found["steps"]] == [("A person decided", "")]
