from __future__ import annotations

from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from kehu.collect.land import land
from kehu.collect.source import parsed_source
from kehu.warehouse.session.writer import Writer

DATA = Path(__file__).parents[3] / "shared" / "data"


@pytest.fixture
def data():
    """A folder of public data sets; tests that use it are skipped where it is absent."""

    def folder(name: str) -> Path:
        if not (DATA / name).exists():
            pytest.skip(f"data set {name} is not here")
        return DATA / name

    return folder


class Shop:
    """A project folder with one source, a database in memory that stands for its lake, and shorthand."""

    def __init__(self, folder: Path, connection: duckdb.DuckDBPyConnection) -> None:
        self.folder = folder
        self.files = folder / "systems"
        self.files.mkdir()
        connection.execute("ATTACH ':memory:' AS lake")
        connection.execute("USE lake")
        self.connection = connection

    def write(self, name: str, content: str | bytes, encoding: str = "utf-8") -> Path:
        path = self.files / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode(encoding) if isinstance(content, str) else content)
        return path

    def source(self, path: str | Path = "systems", **stream):
        streams = {"orders": {"file": "", **stream}}
        return parsed_source({"name": "shop", "path": str(path), "streams": streams}, self.folder, where="shop.yml")

    def land(self, source=None, *, hour: int = 0, **stream):
        self.connection.execute("BEGIN")
        try:
            writer = Writer(self.connection, self.folder / "tmp")
            landed = land(writer, source or self.source(**stream), at=datetime(2026, 1, 1, hour))  # noqa: DTZ001  # stored naive, UTC
        except BaseException:
            self.connection.execute("ROLLBACK")
            raise
        self.connection.execute("COMMIT")
        return landed

    def ask(self, sql: str):
        return self.connection.execute(sql).fetchall()


@pytest.fixture
def shop(tmp_path):
    with duckdb.connect() as connection:
        yield Shop(tmp_path, connection)
