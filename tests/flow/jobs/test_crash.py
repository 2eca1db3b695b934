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
Worker(Jobs(SqliteStore(folder / "jobs.sqlite")), work, lambda *_: None, pace=pace).work()
"""


@pytest.mark.slow
def test_killed_workers_lose_no_job_and_settle_none_twice(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "jobs.sqlite")
    store._connection.executescript(COUNTED)
    jobs, rng = Jobs(store), Random(7)
    made = [jobs.enqueue(Order("run", {}, "ann", lane="")).id for _ in range(KILLS * 3)]
    working = [start(tmp_path, number) for number in range(WORKERS)]

    for kill in range(KILLS):
        time.sleep(0.1 + rng.random() * 0.3)
        victim = rng.randrange(WORKERS)
        working[victim].send_signal(signal.SIGKILL)
        working[victim].wait()
        working[victim] = start(tmp_path, WORKERS + kill)
    for _ in range(60 + KILLS):
        if jobs.counts() == {"done": len(made)}:
            break
        time.sleep(0.5)
    for one in working:
        one.kill()
        one.wait()

    settled = [job for (job,) in store.rows("SELECT job FROM settled ORDER BY job")]
    started = (tmp_path / "started").read_text(encoding="utf-8").split()
    store.close()
    assert settled == made  # every one, and none twice
    assert len(started) > len(made)  # kills did hit jobs, which were started again


def start(folder: Path, seed: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", WORK, str(folder), str(seed)])
