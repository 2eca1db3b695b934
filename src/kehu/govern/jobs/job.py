"""A job: one piece of work that somebody asked for, kept until it is done or given up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, get_args

if TYPE_CHECKING:
    from random import Random

    from kehu.base.types import Json

State = Literal["waiting", "running", "done", "dead", "cancelled"]
STATES: tuple[State, ...] = get_args(State)
MOST_FAILURES = 5  # then a job is a dead letter, for a person to look at
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=10), timedelta(hours=1)
LAKE = "lake"  # the lane of what writes the lake, which admits one writer


@dataclass(frozen=True)
class Order:
    """What is asked of the queue.

    Attributes
    ----------
    kind : str
        Name of the work, one of `kehu.flow.jobs.kinds.KINDS`.
    payload : mapping
        Its arguments as JSON; never personal data, because it is kept and shown.
    requester : str
        Whose rights the work has when it runs: a user's name, or ``"system"``.
    key : str
        A second order with the same key gives the first one's job, whatever became of it; empty for none.
    run_at : datetime, optional
        UTC, not before this time; at once when None.
    lane : str
        Jobs of one lane run one after another; empty for none.
    """

    kind: str
    payload: dict[str, Json]
    requester: str
    key: str = ""
    run_at: datetime | None = None
    lane: str = LAKE


@dataclass(frozen=True)
class Job:
    """One order as the queue holds it.

    Attributes
    ----------
    attempt : int
        How often it was started. It is also the fence: who holds an older attempt can settle nothing.
    failures : int
        How many attempts failed or ended with their worker; five make a dead letter.
    leased_until : datetime or None
        UTC; a running job whose worker does not renew the lease by then is given to another.
    step, fraction : str, float or None
        How far it is.
    result, error : JSON
        What it gave; what, where and fix of its last failure.
    is_stopping : bool
        Whether somebody cancelled it while it ran.
    """

    id: int
    workspace: str
    kind: str
    payload: dict[str, Json]
    requester: str
    key: str
    lane: str
    state: State
    attempt: int
    failures: int
    run_at: datetime
    created_at: datetime
    leased_until: datetime | None
    worker: str
    finished_at: datetime | None
    step: str
    fraction: float | None
    result: Json
    error: Json
    is_stopping: bool


def pause(failures: int, rng: Random) -> timedelta:
    """Return how long to wait after the n-th failure: twice as long each time, an hour at most, and never in step.

    Parameters
    ----------
    failures : int
        1 after the first.
    rng : Random
        Draws the share, .5 to 1.5, by which jobs that failed together are spread.

    Examples
    --------
    >>> from random import Random
    >>> [round(pause(n, Random(1)).total_seconds()) for n in (1, 2, 3, 20)]
    [6, 13, 25, 2284]
    """
    whole: timedelta = min(FIRST_PAUSE * 2 ** min(failures - 1, 20), LONGEST_PAUSE)
    share: float = 0.5 + rng.random()
    return whole * share


def stamp(at: datetime) -> str:
    """Return a UTC time as text that sorts as the times do."""
    return at.isoformat(timespec="microseconds")


def moment(text: Any) -> datetime | None:  # noqa: ANN401  # a cell of a row
    """Return the time that `stamp` wrote, None for none."""
    return datetime.fromisoformat(text) if text else None
