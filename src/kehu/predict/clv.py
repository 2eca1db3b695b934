"""What customers will bring in the next 90 days: days with an order, and spend."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Literal

import numpy as np

from kehu.predict import boosting
from kehu.predict.bgnbd import bgnbd
from kehu.predict.card import Card
from kehu.predict.evaluate import bias, mae, rank_correlation
from kehu.predict.feature import closed_before, days_needed, folds
from kehu.predict.gamma_gamma import gamma_gamma
from kehu.predict.scorer import Prediction, Scores, back_test, reasons
from kehu.predict.verdict import Question, verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from kehu.predict.card import Target
    from kehu.predict.feature import Floats, History, Rows
    from kehu.predict.scorer import Learner

HORIZON_DAYS = 90
BANDS = {"high": "top 20 %", "medium": "next 30 %", "low": "rest"}
_LEAST = 200  # customers at the oldest cut-off that is used
_ROUNDS = 60  # few trees: they correct the last period; chosen on cut-offs whose windows closed before the newest test
_TOTALS = frozenset(  # grow with the history itself, so that a later cut-off lies outside what was learned
    [
        "tenure_days",
        "products_total",
        "campaign_contacts_total",
        "spend_total",
        "days_total",
        "days_180d",
        "spend_180d",
        "days_365d",
        "spend_365d",
        "gap_max",
    ]
)

_QUESTION = partial(
    Question,
    horizon_days=HORIZON_DAYS,
    metrics={"mae": mae, "bias": bias, "rank_correlation": rank_correlation},
    sign=-1,
    needed=0.0,
    is_share=True,
    baselines=("same_as_last_period", "own_rate"),
)
_QUESTIONS = {
    "orders_90d": _QUESTION(target="orders_90d", unit="days", candidates=("bgnbd", "lightgbm")),
    "spend_90d": _QUESTION(target="spend_90d", unit="currency", candidates=("bgnbd_gamma_gamma", "lightgbm")),
}
_POPULATION = "Customers with an order before the cut-off; their days with an order and spend in the 90 days from it on"
_POPULATION_ZH = "截止日前有订单的客户；预测其截止日起 90 天内的购买天数与消费额"
_PROTOCOL = (
    "Rolling origin: learned at up to six earlier cut-offs whose 90 days had ended, judged at up to four later ones, "
    "30 days apart, so that judged windows overlap and folds are not independent; figures are means over the cut-offs"
)
_PROTOCOL_ZH = (
    "滚动起点：用至多六个更早且 90 天观察期已结束的截止日学习，在其后至多四个相隔 30 天的截止日检验，"
    "检验窗口相互重叠，因此各次检验并不独立；各项指标为各截止日的均值"
)


class Clv:
    """The lifetime-value scorer: BG/NBD with Gamma-Gamma, and LightGBM, against "same as last period" and own rate."""

    name = "clv"
    version = "1"
    targets = ("orders_90d", "spend_90d")

    def evaluate(self, history: History, *, threads: int) -> Card:
        """Return the card of the back-test; each target has its own verdict."""
        made = folds(history, HORIZON_DAYS)
        seen = min((int(history.at([fold.train[-1]]).sum()) for fold in made), default=0)
        card = partial(_card, self.name, self.version, history)
        if len(made) < 2 or seen < _LEAST:  # one fold has no spread
            return card(status="not_enough_data")
        everyone = np.ones(len(history.as_of), dtype=bool)
        targets = []
        for target, question in _QUESTIONS.items():
            judged = back_test(history, _outcome(history, target), made, everyone, _learners(target, threads))
            targets.append(verdict(question, judged, made))
        return card(status="ready", targets=tuple(targets))

    def score(self, history: History, card: Card, *, threads: int) -> tuple[Scores, ...]:
        """Return the expected days with an order and spend of every customer at the newest cut-off."""
        if not card.targets:
            return ()
        newest = history.cut_offs[0]
        train, rows = history.at(closed_before(history, newest, HORIZON_DAYS)), history.at([newest])
        customers = history.customer_id[rows]
        scores = []
        for found in card.targets:
            learner = _learners(found.target, threads)[found.published_as]
            said = learner(history, _outcome(history, found.target), train, rows)
            value = np.maximum(said.value, 0.0)
            told = reasons(history, rows, said)
            scores.append(Scores(found.target, customers, value, _bands(value, customers), told))
        return tuple(scores)


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


def _outcome(history: History, target: str) -> Floats:
    return history.days_90 if target == "orders_90d" else np.maximum(history.spend_90, 0.0)


def _bands(value: Floats, customers: NDArray[np.object_]) -> NDArray[np.object_]:
    place = np.empty(len(value))
    place[np.lexsort((customers.astype(str), -value))] = np.arange(len(value)) / max(len(value), 1)
    band = np.select([place < 0.2, place < 0.5], ["high", "medium"], "low")
    return np.asarray(band, dtype=object)


def _needs(history: History) -> tuple[str, str]:
    days, customers = history.days, len(np.unique(history.customer_id.astype(str)))
    least = days_needed(HORIZON_DAYS)
    english = (
        f"Not enough data: needs {least} days of orders and {_LEAST} customers at the oldest cut-off; "
        f"there are {days} days and {customers} customers with an order"
    )
    chinese = (
        f"数据不足：需要 {least} 天的订单，且最早截止日至少 {_LEAST} 名客户；"
        f"目前有 {days} 天、{customers} 名有订单的客户"
    )
    return english, chinese


def _learners(target: str, threads: int) -> Mapping[str, Learner]:
    is_spend = target == "spend_90d"
    last, total = ("spend_90d", "spend_total") if is_spend else ("days_90d", "days_total")
    lightgbm = partial(_lightgbm, last=last, objective="tweedie" if is_spend else "poisson", threads=threads)
    return {
        "bgnbd_gamma_gamma" if is_spend else "bgnbd": partial(_bgnbd, is_spend=is_spend),
        "lightgbm": lightgbm,
        "same_as_last_period": partial(_last_period, last=last),
        "own_rate": partial(_own_rate, total=total),
    }


def _scaled(history: History, last: str) -> Floats:
    """Return the last period scaled up to 90 days where the data itself is younger."""
    first = (history.as_of - history.column("tenure_days").astype("timedelta64[D]")).min()
    seen = (history.as_of - first).astype(float)
    return np.asarray(
        np.maximum(history.column(last), 0.0) * HORIZON_DAYS / np.clip(seen, 1, HORIZON_DAYS), dtype=float
    )


def _last_period(history: History, y: Floats, train: Rows, rows: Rows, *, last: str) -> Prediction:  # noqa: ARG001  # a Learner
    return Prediction(_scaled(history, last)[rows], inputs=(last,))


def _own_rate(history: History, y: Floats, train: Rows, rows: Rows, *, total: str) -> Prediction:  # noqa: ARG001  # a Learner
    rate = np.maximum(history.column(total), 0.0) / history.column("tenure_days")
    return Prediction(rate[rows] * HORIZON_DAYS, inputs=(total, "tenure_days"))


def _bgnbd(history: History, y: Floats, train: Rows, rows: Rows, *, is_spend: bool) -> Prediction:  # noqa: ARG001  # a Learner
    """Learn on everything before the cut-off of `rows`: BG/NBD needs no labels."""
    days, recency, tenure = (history.column(name)[rows] for name in ("days_total", "recency_days", "tenure_days"))
    x, t_x, t = days - 1, tenure - recency, tenure - 1
    coming = bgnbd(x, t_x, t).expected(HORIZON_DAYS, x, t_x, t)
    inputs = ("days_total", "recency_days", "tenure_days")
    if not is_spend:
        return Prediction(coming, inputs=inputs)
    worth = history.column("spend_per_day")[rows]
    return Prediction(coming * gamma_gamma(days, worth).expected(days, worth), inputs=(*inputs, "spend_per_day"))


def _lightgbm(  # noqa: PLR0913  # a Learner with its set-up
    history: History, y: Floats, train: Rows, rows: Rows, *, last: str, objective: boosting.Objective, threads: int
) -> Prediction:
    """Correct the last period: its logarithm is the offset of a log-linked booster."""
    columns = np.array([k for k, name in enumerate(history.names) if name not in _TOTALS])
    scaled = _scaled(history, last)
    offset = np.log(scaled + max(float(np.median(scaled[train])) * 0.03, 0.1))
    fitted = boosting.boost(
        history.x[train][:, columns], y[train], objective, threads=threads, rounds=_ROUNDS, offset=offset[train]
    )
    x = history.x[rows][:, columns]

    def effect() -> Floats:
        found = np.zeros((len(x), len(history.names)))
        found[:, columns] = boosting.contributions(fitted, x)
        found[:, history.names.index(last)] += offset[rows] - offset[rows].mean()
        return found

    return Prediction(np.exp(boosting.raw(fitted, x) + offset[rows]), effect)
