"""Engines: what they load, and what they never would."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import pytest

from kehu.warehouse.store import engine
from kehu.warehouse.store.place import Place

if TYPE_CHECKING:
    from pathlib import Path


def test_extensions_are_verified_once_and_nothing_unsigned_loads_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bool] = []
    real = duckdb.connect

    def connect(*place: object, config: dict[str, object]) -> duckdb.DuckDBPyConnection:
        asked.append(bool(config["allow_unsigned_extensions"]))
        return real(*place, config=config)

    monkeypatch.setattr(duckdb, "connect", connect)
    monkeypatch.setattr(engine, "_VERIFIED", set())
    (tmp_path / "evil.duckdb_extension").write_bytes(b"no signature" * 100)

    for _ in range(2):
        with engine.connect(Place(tmp_path, "1GB", 1, 1.0), "test") as connection:
            assert connection.execute("SELECT current_setting('allow_unsigned_extensions')").fetchone() == (False,)
            with pytest.raises(duckdb.Error, match=r"allow_unsigned_extensions|signature|not a DuckDB extension"):
                connection.execute(f"LOAD '{tmp_path}/evil.duckdb_extension'")
            with pytest.raises(duckdb.Error, match="while database is running"):
                connection.execute("SET allow_unsigned_extensions = true")

    assert asked == [False, True]
