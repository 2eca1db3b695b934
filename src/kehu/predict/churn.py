"""Who will not come back: no order in the 30 days after a cut-off, among customers of the 60 days before it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Literal

import numpy as np

from kehu.predict import boosting
from kehu.predict.calibration import expected_calibration_error
from kehu.predict.card import Card
from kehu.predict.evaluate import auc, average_precision, brier, lift
from kehu.predict.feature import closed_before, days_needed, folds
from kehu.predict.logistic import logistic
from kehu.predict.scorer import Prediction, Scores, back_test, reasons
from kehu.predict.verdict import Question, verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kehu.predict.card import Target
    from kehu.predict.feature import Floats, History, Rows
    from kehu.predict.scorer import Learner

HORIZON_DAYS, ACTIVE_DAYS = 30, 60
BANDS = {"high": 0.4, "medium": 0.15, "low": 0.0}
_LEAST = 30  # lapses, and as many returns, among the oldest fold's rows

_QUESTION = Question(
    target="lapse_30d",
    unit="probability",
    horizon_days=HORIZON_DAYS,
    metrics={
        "auc": auc,
        "average_precision": average_precision,
        "brier": brier,
        "ece": expected_calibration_error,
        "lift_top_tenth": lift,
    },
    sign=1,
    needed=0.01,
    is_share=False,
    candidates=("lightgbm", "logistic"),
    baselines=("recency_only", "same_as_last_period"),
)
_POPULATION = "Customers with an order in the 60 days before the cut-off; lapse: no order in the 30 days from it on"
_POPULATION_ZH = "截止日前 60 天内有订单的客户；流失：截止日起 30 天内无订单"
_PROTOCOL = (
    "Rolling origin: learned at up to six earlier cut-offs whose 30 days had ended, judged at up to four later ones, "
    "30 days apart; features look strictly before their cut-off; no class weights; figures are means over the cut-offs"
)
_PROTOCOL_ZH = (
    "滚动起点：用至多六个更早且观察期已结束的截止日学习，在其后至多四个相隔 30 天的截止日检验；"
    "特征严格早于截止日；不加类别权重；各项指标为各截止日的均值"
)


class Churn:
    """The churn scorer: LightGBM and logistic regression against recency alone and "same as last period"."""

    name = "churn"
    version = "1"
    targets = ("lapse_30d",)

    def evaluate(self, history: History, *, threads: int) -> Card:
        """Return the card of the back-test."""
        population, lapsed = _population(history), _lapsed(history)
        made = folds(history, HORIZON_DAYS)
        rows = [history.at([day]) & population for fold in made for day in (fold.test, fold.train[-1])]
        seen = min((min(lapsed[r].sum(), (1 - lapsed[r]).sum()) for r in rows), default=0)
        card = partial(_card, self.name, self.version, history)
        if len(made) < 2 or seen < _LEAST:  # one fold has no spread
            return card(status="not_enough_data")
        judged = back_test(history, lapsed, made, population, _learners(threads))
        return card(status="ready", targets=(verdict(_QUESTION, judged, made),))

    def score(self, history: History, card: Card, *, threads: int) -> tuple[Scores, ...]:
        """Return the probability of lapse of every customer of the population at the newest cut-off."""
        if not card.targets:
            return ()
        newest = history.cut_offs[0]
        population = _population(history)
        train = history.at(closed_before(history, newest, HORIZON_DAYS)) & population
        rows = history.at([newest]) & population
        learner = _learners(threads)[card.targets[0].published_as]
        said = learner(history, _lapsed(history), train, rows)
        value = np.clip(said.value, 0.0, 1.0)
        band = np.select([value >= BANDS["high"], value >= BANDS["medium"]], ["high", "medium"], "low").astype(object)
        return (Scores(self.targets[0], history.customer_id[rows], value, band, reasons(history, rows, said)),)


def _card(
    scorer: str,
    version: str,
    history: History,
    *,
    status: Literal["ready", "not_enough_data"],
    targets: tuple[Target, ...] = (),
) -> Card:
    needs, needs_zh = ("", "") if status == "ready" else _needs(history)
    newest = str(history.cut_offs[0]) if history.cut_offs else ""
    words = (_POPULATION, _POPULATION_ZH, _PROTOCOL, _PROTOCOL_ZH)
    return Card(scorer, version, status, newest, *words, needs, needs_zh, BANDS, targets)


def _population(history: History) -> Rows:
    active: Rows = history.column("recency_days") <= ACTIVE_DAYS
    return active


def _lapsed(history: History) -> Floats:
    return np.asarray(history.days_30 == 0, dtype=float)


def _needs(history: History) -> tuple[str, str]:
    days, customers = history.days, len(np.unique(history.customer_id.astype(str)))
    least = days_needed(HORIZON_DAYS)
    english = (
        f"Not enough data: needs {least} days of orders and, at each cut-off, {_LEAST} customers who lapse and "
        f"{_LEAST} who come back; there are {days} days and {customers} customers with an order"
    )
    chinese = (
        f"数据不足：需要 {least} 天的订单，且每个截止日至少 {_LEAST} 名流失客户和 {_LEAST} 名回购客户；"
        f"目前有 {days} 天、{customers} 名有订单的客户"
    )
    return english, chinese


def _learners(threads: int) -> Mapping[str, Learner]:
    return {
        "lightgbm": partial(_lightgbm, threads=threads),
        "logistic": _logistic,
        "recency_only": partial(_simple, name="recency_days"),
        "same_as_last_period": partial(_simple, name="days_30d", is_flag=True),
    }


def _lightgbm(history: History, y: Floats, train: Rows, rows: Rows, *, threads: int) -> Prediction:
    booster = boosting.boost(history.x[train], y[train], "binary", threads=threads)
    x = history.x[rows]
    return Prediction(boosting.predict(booster, x), partial(boosting.contributions, booster, x))


def _logistic(history: History, y: Floats, train: Rows, rows: Rows) -> Prediction:
    fitted = logistic(history.x[train], y[train], ridge=10.0)
    x = history.x[rows]
    return Prediction(fitted.predict(x), partial(fitted.contributions, x))


def _simple(history: History, y: Floats, train: Rows, rows: Rows, *, name: str, is_flag: bool = False) -> Prediction:
    """Turn one feature into a probability; as a flag it only says whether there was an order."""
    column = history.column(name)[:, None]
    feature = (column > 0).astype(float) if is_flag else column
    return Prediction(logistic(feature[train], y[train]).predict(feature[rows]), inputs=(name,))
