"""A cluster of one master and two workers on loopback, from pip's own jars."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kehu.base.settings import Settings
from kehu.warehouse.lake import Lake
from kehu.warehouse.spark.engine import Spark

sys.path.append(str(Path(__file__).parent))
from sameness import LEAST  # beside this file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

WORKERS = 2
ROWS = """
SELECT * FROM (VALUES
  (1, 10, CAST(19.90 AS DECIMAL(18,2)), 0.125, 'Ann  Lee', DATE '2026-01-05', TIMESTAMP '2026-01-05 23:30:00.5', true),
  (2, 10, -2.50, 1.005, '王芳', DATE '2025-12-31', TIMESTAMP '2025-12-31 01:00:00', false),
  (3, 20, 2.50, 2.5, 'a.b-c', DATE '2024-02-29', TIMESTAMP '2024-03-10 10:00:00', NULL),
  (4, 20, NULL, -2.5, NULL, NULL, NULL, true),
  (5, NULL, 0.05, 3.5, E'line\\nend\\n', DATE '2026-03-01', TIMESTAMP '2026-03-29 01:30:00', false)
) AS v(id, g, m, x, s, d, ts, b)
"""


@pytest.fixture(scope="package")
def master(tmp_path_factory: pytest.TempPathFactory, free_ports: Callable[[int], list[int]]) -> Iterator[str]:
    """The address of a Spark cluster that the tests started."""
    import pyspark

    home, work = Path(pyspark.__file__).parent, tmp_path_factory.mktemp("spark")
    ports = free_ports(1 + WORKERS)
    own = {"SPARK_HOME": str(home), "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_WORKER_DIR": str(work)}
    own |= {"SPARK_DAEMON_MEMORY": "256m", "SPARK_LOCAL_DIRS": str(work), "SPARK_NO_DAEMONIZE": "1"}
    address = f"spark://127.0.0.1:{ports[0]}"
    first = ["master.Master", "--host", "127.0.0.1", "--port", str(ports[0]), "--webui-port", "0"]
    own_words = ["--host", "127.0.0.1", "--webui-port", "0", "-c", "1", "-m", "1g", address]
    others = [["worker.Worker", "--port", str(port), *own_words] for port in ports[1:]]
    started = []
    try:
        for name, *words in (first, *others):
            command = [str(home / "bin" / "spark-class"), f"org.apache.spark.deploy.{name}", *words]
            quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "env": {**os.environ, **own}}
            started.append(subprocess.Popen(command, **quiet))
        yield address
    finally:
        for process in reversed(started):
            process.terminate()
        for process in started:
            process.wait(30)


@pytest.fixture(scope="package")
def spark(master: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Spark]:
    engine = Spark(Settings(tmp_path_factory.mktemp("home"), spark_master=master, spark_options=LEAST))
    yield engine
    if "session" in vars(engine):
        engine.session.stop()


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    made = Lake(tmp_path / "data" / "main", memory_limit="200MB", threads=1)
    with made.writer("first", publish=True) as writer:
        writer.replace("t", ROWS)
    return made
