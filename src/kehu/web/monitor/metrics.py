"""The project and the process as Prometheus metrics; no label holds personal data."""

from __future__ import annotations

from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING

from prometheus_client import ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from kehu.base import clock
from kehu.base.errors import KehuError
from kehu.flow.jobs.orders import open_jobs
from kehu.flow.measure import Measures, measures
from kehu.web import door
from kehu.web.monitor.watch import REGISTRY

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from prometheus_client.core import Metric

    from kehu.govern.answers import Counts
    from kehu.govern.jobs.queue import Jobs

_ONCE = Lock()


@lru_cache(maxsize=1)
def jobs() -> Jobs:
    """Return the queue, opened once."""
    return open_jobs(door.project_settings())


@lru_cache(maxsize=1)
def _registered() -> bool:
    ProcessCollector(registry=REGISTRY)
    REGISTRY.register(ProjectCollector())
    return True


def text() -> bytes:
    """Return everything in the text format 0.0.4."""
    with _ONCE:  # two first scrapes at a time would both register
        _registered()
    return generate_latest(REGISTRY)


class ProjectCollector(Collector):
    """Asks the project anew at every scrape."""

    def describe(self) -> list[Metric]:
        """Return nothing: what there is to say is known when asked."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Yield the project's metrics; only that it cannot be read when it cannot."""
        try:
            found = measures(door.whole(), jobs())
        except (KehuError, OSError):
            yield _one("kehu_project_readable", "1 while the project can be read.", 0)
            return
        yield _one("kehu_project_readable", "1 while the project can be read.", 1)
        yield from project_metrics(found, clock.now())
        yield from answer_metrics(door.base().answers())


def project_metrics(found: Measures, now: datetime) -> Iterator[Metric]:
    """Yield what `kehu.flow.measure.measures` found, times as ages in seconds."""
    if found.published_at:
        yield _one("kehu_snapshot", "Number of the newest published snapshot.", found.snapshot)
        age = (now - found.published_at).total_seconds()
        yield _one("kehu_snapshot_age_seconds", "Seconds since the newest snapshot was published.", age)
    waits = (now - found.waiting_since).total_seconds() if found.waiting_since else 0
    yield _one("kehu_unbuilt_seconds", "Seconds since the oldest rows landed that are not built yet.", waits)
    if found.build_seconds is not None:
        yield _one("kehu_build_seconds", "What the last build took, in seconds.", found.build_seconds)
    yield _ages("kehu_collect_lag_seconds", "Seconds since rows of a source last landed.", "source", found.landed, now)
    said = "Seconds since a table was last found up to date."
    yield _ages("kehu_table_age_seconds", said, "table", found.built, now)
    rejected = GaugeMetricFamily("kehu_quarantine_rows", "Rows in quarantine.", labels=["source", "rule"])
    for (source, rule), rows in found.quarantined.items():
        rejected.add_metric([source, rule], rows)
    yield rejected
    queue = GaugeMetricFamily("kehu_jobs", "Jobs by state; finished ones of the last 30 days.", labels=["state"])
    for state, count in found.jobs.items():
        queue.add_metric([state], count)
    yield queue
    yield _one("kehu_workers", "Workers that reported in the last minute.", len(found.workers))
    memory = sum(worker.memory_mb for worker in found.workers) * 10**6
    yield _one("kehu_worker_resident_memory_bytes", "Resident memory of the workers.", memory)


def answer_metrics(counts: Counts) -> Iterator[Metric]:
    """Yield how often a page's figures were remembered, and what remembering takes."""
    family = CounterMetricFamily("kehu_answers", "Figures of pages, remembered or asked.", labels=["found"])
    family.add_metric(["hit"], counts.hits)
    family.add_metric(["miss"], counts.misses)
    yield family
    yield _one("kehu_answers_bytes", "What remembered answers take.", counts.bytes)


def _one(name: str, said: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, said, value=value)


def _ages(name: str, said: str, label: str, times: Mapping[str, datetime], now: datetime) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, said, labels=[label])
    for key, at in times.items():
        family.add_metric([key], (now - at).total_seconds())
    return family
