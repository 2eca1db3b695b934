"""What a verdict says, in words and in both languages."""

from __future__ import annotations

import numpy as np
import pytest

from kehu.predict.evaluate import Judged, auc
from kehu.predict.feature import Fold
from kehu.predict.verdict import Question, verdict

DAYS = np.array(["2017-10-01", "2017-11-01"], dtype="datetime64[D]")
QUESTION = Question("lapse_30d", "probability", 30, {"auc": auc}, 1, 0.0, False, ("lightgbm",), ("recency_only",))


def _judged(good: str, bad: str) -> list[Judged]:
    rng = np.random.default_rng(7)
    rows = []
    for day in DAYS:
        y = (rng.random(200) < 0.3).astype(float)
        rows.append(
            Judged(
                str(day), np.arange(200), y, {good: np.clip(y + rng.normal(0, 0.3, 200), 0, 1), bad: rng.random(200)}
            )
        )
    return rows


@pytest.mark.parametrize(
    ("good", "bad", "published", "english", "chinese"),
    [
        (
            "lightgbm",
            "recency_only",
            "lightgbm",
            "LightGBM is published: it beats the best baseline, “Recency only”",
            "发布“LightGBM”",
        ),
        (
            "recency_only",
            "lightgbm",
            "recency_only",
            "LightGBM is refused",
            "不发布“LightGBM”：未能确定优于基线“仅看近度”",
        ),
    ],
)
def test_a_verdict_names_methods_and_metrics_in_words(good, bad, published, english, chinese):
    folds = [Fold(day, (day - 30,)) for day in DAYS]

    found = verdict(QUESTION, _judged(good, bad), folds)

    assert found.published_as == published
    assert english in found.verdict
    assert chinese in found.verdict_zh
    for text in (found.verdict, found.verdict_zh):
        assert "AUC" in text
        assert not any(code in text for code in ("lightgbm", "recency_only", "auc"))
