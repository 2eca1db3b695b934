"""A Spark cluster on loopback for the tests beside this file, and what they share."""

from __future__ import annotations

import math
from decimal import Decimal
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import pytest

from kehu.warehouse.spark.engine import has_java

if TYPE_CHECKING:
    from collections.abc import Callable

NEEDS_SPARK = [
    pytest.mark.slow,
    pytest.mark.spark,
    pytest.mark.skipif(not has_java(), reason="Java is not installed (apt-get install default-jre-headless)"),
    pytest.mark.skipif(find_spec("pyspark") is None, reason="pyspark is not installed (pip install 'kehu[spark]')"),
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning"),  # py4j's own
]
LEAST = (  # for tables so small that compiling a query costs more than running it
    "spark.executor.memory=512m spark.sql.shuffle.partitions=2 spark.default.parallelism=2"
    " spark.sql.codegen.wholeStage=false spark.sql.codegen.factoryMode=NO_CODEGEN"
    " spark.driver.extraJavaOptions=-XX:TieredStopAtLevel=1 spark.executor.extraJavaOptions=-XX:TieredStopAtLevel=1"
)


def demand_same(execute: Callable[[str], Any], expected: str, given: str) -> None:
    """Rows of two tables are equal: exactly, numbers in DOUBLE within 1e-9 of themselves."""
    described = [execute(f"DESCRIBE SELECT * FROM {table}").fetchall() for table in (expected, given)]
    assert [row[:2] for row in described[0]] == [row[:2] for row in described[1]], given
    exact = [f'"{row[0]}"' for row in described[0] if row[1] not in ("DOUBLE", "FLOAT")]
    order = ", ".join([*exact, *(f'"{row[0]}"' for row in described[0] if row[1] in ("DOUBLE", "FLOAT"))])
    rows = [execute(f"SELECT * FROM {table} ORDER BY {order}").fetchall() for table in (expected, given)]
    assert len(rows[0]) == len(rows[1]), given
    for left, right in zip(*rows, strict=True):
        for (column, *_), one, other in zip(described[0], left, right, strict=True):
            assert alike(one, other), f"{given}.{column}: {one!r} is not {other!r} in {left} and {right}"


def alike(one: object, other: object) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-9) or (math.isnan(one) and math.isnan(other))
    return one == other and isinstance(one, Decimal) == isinstance(other, Decimal)
