from __future__ import annotations

import subprocess
import sys

import pytest

ASK = """
import sys, threading
import duckdb
from kehu.warehouse.session.spare import without_pandas
connection = duckdb.connect()
with without_pandas():
    assert connection.execute("SELECT ?, ?", ["a", 1]).fetchall() == [("a", 1)]
assert "pandas" not in sys.modules
"""


@pytest.mark.parametrize(
    "then",
    [
        "assert connection.execute('SELECT 1 AS n').df()['n'].tolist() == [1]",
        "import pandas; given = pandas.DataFrame({'n': [1]}); assert connection.sql('FROM given').fetchall() == [(1,)]",
        "import pandas; assert connection.execute('SELECT ?', [pandas.NaT]).fetchall() == [(None,)]",
    ],
    ids=["asked for", "given", "missing value"],
)
def test_a_parameter_loads_no_pandas_and_frames_work_afterwards(then: str) -> None:
    subprocess.run([sys.executable, "-c", ASK + then], check=True)


def test_other_threads_find_pandas_meanwhile() -> None:
    code = (
        ASK
        + """
with without_pandas():
    other = threading.Thread(target=__import__, args=("pandas",))
    other.start()
    other.join()
assert "pandas" in sys.modules
"""
    )

    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_list_for_arrow_loads_no_pandas_and_frames_work_afterwards() -> None:
    code = """
import sys
import pyarrow
from kehu.warehouse.session.spare import spare_arrow
spare_arrow()
table = pyarrow.table({"n": pyarrow.array([1, None])})
assert "pandas" not in sys.modules
assert table.to_pandas()["n"].isna().tolist() == [False, True]
import pandas
assert pyarrow.array(pandas.Series([1.0, float("nan")])).to_pylist() == [1.0, None]
"""

    subprocess.run([sys.executable, "-c", code], check=True)
