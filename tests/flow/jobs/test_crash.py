"""Workers killed at random points: no job is lost, none is settled twice.

``KEHU_KILLS=500 pytest tests/flow/jobs/test_crash.py`` kills longer.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from random import Random
from typing import TYPE_CHECKING

import pytest

from kehu.govern.jobs.job import Order
from kehu.govern.jobs.queue import Jobs
from kehu.govern.jobs.store import SqliteStore

if TYPE_CHECKING:
    from pathlib import Path

    from kehu.govern.jobs.store import Store

KILLS = int(os.environ.get("KEHU_KILLS", "30"))
WORKERS = 3
COUNTED = """
CREATE TABLE settled (job INTEGER);
CREATE TRIGGER counted AFTER UPDATE OF state ON job WHEN NEW.state = 'done' BEGIN
  INSERT INTO settled VALUES (NEW.id);
END;
"""
WORK = """
import sys, time
from datetime import timedelta
from pathlib import Path
from random import Random
from kehu.flow.jobs.worker import Pace, Worker
from kehu.govern.jobs import job as rules
from kehu.govern.jobs import queue
from kehu.govern.jobs.queue import Jobs
from kehu.govern.jobs.store import SqliteStore

rules.FIRST_PAUSE = timedelta(milliseconds=20)
queue.MOST_FAILURES = 1000
def opened(place):
    if place.endswith(".sqlite"):
        return SqliteStore(Path(place))
    from kehu.govern.jobs.postgres import PostgresStore
    return PostgresStore(place)

folder, seed = Path(sys.argv[1]), int(sys.argv[2])
rng = Random(seed)

def work(job, progress):
    with (folder / "started").open("a") as file:
        file.write(f"{job.id}\\n")
    for step in range(4):
        progress(str(step), step / 4)
        time.sleep(rng.random() * .03)
    return job.id

pace = Pace(poll=.02, beat=.05, lease=.4, grace=1)
Worker(Jobs(opened(sys.argv[3])), work, lambda *_: None, pace=pace).work()
"""


COUNTED_THERE = """
CREATE TABLE settled (job BIGINT);
CREATE FUNCTION count_settled() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN INSERT INTO settled VALUES (NEW.id); RETURN NEW; END $$;
CREATE TRIGGER counted AFTER UPDATE OF state ON job FOR EACH ROW WHEN (NEW.state = 'done')
  EXECUTE FUNCTION count_settled();
"""


@pytest.mark.slow
def test_killed_workers_lose_no_job_and_settle_none_twice(tmp_path: Path) -> None:
    place = tmp_path / "jobs.sqlite"
    store = SqliteStore(place)
    store._connection.executescript(COUNTED)

    made, settled, started = killed(store, str(place), tmp_path, KILLS)

    assert settled == made  # every one, and none twice
    assert len(started) > len(made)  # kills did hit jobs, which were started again


@pytest.mark.slow
def test_killed_workers_on_postgres_lose_no_job_and_settle_none_twice(tmp_path: Path, postgres: str) -> None:
    from kehu.govern.jobs.postgres import PostgresStore

    store = PostgresStore(postgres)
    store._open().execute(COUNTED_THERE)

    made, settled, started = killed(store, postgres, tmp_path, max(5, KILLS // 5))

    assert settled == made
    assert len(started) >= len(made)


def killed(store: Store, place: str, folder: Path, kills: int) -> tuple[list[int], list[int], list[str]]:
    """Let workers do jobs and kill them; return the jobs, those settled, and every start."""
    jobs, rng = Jobs(store), Random(7)
    made = [jobs.enqueue(Order("run", {}, "ann", lane="")).id for _ in range(kills * 3)]
    working = [start(folder, number, place) for number in range(WORKERS)]
    for kill in range(kills):
        time.sleep(0.1 + rng.random() * 0.3)
        victim = rng.randrange(WORKERS)
        working[victim].send_signal(signal.SIGKILL)
        working[victim].wait()
        working[victim] = start(folder, WORKERS + kill, place)
    for _ in range(120 + kills):
        if jobs.counts() == {"done": len(made)}:
            break
        time.sleep(0.5)
    for one in working:
        one.kill()
        one.wait()
    settled = [job for (job,) in store.rows("SELECT job FROM settled ORDER BY job")]
    store.close()
    return made, settled, (folder / "started").read_text(encoding="utf-8").split()


def start(folder: Path, seed: int, place: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", WORK, str(folder), str(seed), place])
