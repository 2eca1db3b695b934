"""Landing: new and changed files of a source become rows of its raw tables, in one transaction."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import duckdb

from kehu.base.errors import SourceError, did_you_mean
from kehu.base.progress import silent
from kehu.collect.connector import Reading, Reject, Stream, connector_named, connector_of
from kehu.collect.encoding import encoding_fix, sha256_of
from kehu.collect.ledger import Batch, batch_id, batches_of, open_ledgers, record, reject
from kehu.collect.quote import name, text
from kehu.collect.rawtable import landing_select, raw_table, widened
from kehu.collect.source import files_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from kehu.base.progress import Progress
    from kehu.collect.source import Source
    from kehu.warehouse.session.writer import Writer

_AT_ONCE, _BYTES_AT_ONCE = 32, 64 << 20  # files read by one statement; bounds the copies on disk
_MANY_REJECTS = 20
_TICK = timedelta(microseconds=1)


@dataclass(frozen=True)
class Landed:
    """What one landing did.

    Attributes
    ----------
    source : str
        The source.
    batches : tuple of Batch
        One per new or changed file.
    unchanged : int
        Files whose content has landed before.
    warnings : tuple of str
        Columns that are gone, files that hold the same as another.
    """

    source: str
    batches: tuple[Batch, ...] = ()
    unchanged: int = 0
    warnings: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        """Rows that landed."""
        return sum(batch.rows for batch in self.batches)

    @property
    def rejected(self) -> int:
        """Records that went to ``raw_reject``."""
        return sum(batch.rejected for batch in self.batches)


@dataclass(frozen=True)
class _File:
    batch: Batch
    path: Path
    replaces: str = ""


def land(writer: Writer, source: Source, *, at: datetime, progress: Progress = silent) -> Landed:
    """Land the new and changed files of a source; what has landed before lands nothing.

    A file is known by the SHA-256 of its bytes and by how the mapping reads it. A changed file lands whole as a new
    batch; its former batch gets ``replaced_by``, so that current rows are those whose batch has none. A file that is
    gone keeps its rows; one that was renamed is not landed again, nor is content that was reverted.

    Parameters
    ----------
    writer : Writer
        The open transaction: all of the source lands, or nothing.
    source : Source
        What to read, see `load_source`.
    at : datetime
        The landing's time, naive UTC.
    progress : Progress
        Told of every group of files.

    Returns
    -------
    Landed
        One batch per new or changed file.

    Raises
    ------
    SourceError
        When a file is missing, empty, broken, changes meanwhile, lacks a mapped column, or is clearly not what the
        mapping says (more than a tenth of its records malformed). Nothing of the source lands then.
    LakeError
        When the disk is full.
    """
    open_ledgers(writer)
    landing = _Landing(writer, source, at, batches_of(writer, source.name))
    try:
        for stream in source.streams:
            new = list(landing.new_files(stream))
            done = 0
            for group in _groups(new):
                progress(f"collect {source.name}.{stream.name}", done / len(new))
                landing.land(stream, group)
                done += len(group)
    finally:
        landing.tidy()  # the copies hold personal data
    return landing.landed


class _Landing:
    def __init__(self, writer: Writer, source: Source, at: datetime, before: list[Batch]) -> None:
        self.landed = Landed(source.name)
        self._writer, self._source, self._before = writer, source, before
        self._at = max([at, *(batch.landed_at + _TICK for batch in before)])  # a clock may go back, the order may not
        self._scratch = writer.tmp / "landing"

    def new_files(self, stream: Stream) -> Iterator[_File]:
        mine = [batch for batch in self._before if batch.stream == stream.name]
        current = {batch.file: batch for batch in mine if batch.is_current}
        contents = {(batch.file_sha256, batch.read_as): batch.file for batch in current.values() if batch.rows}
        reverted = {(batch.file_sha256, batch.read_as): batch.batch_id for batch in mine if batch.reverted_at}
        for file, path in files_of(self._source, stream):
            digest, read_as = fingerprint(path), _with_connector(stream, path).read_as()
            old = current.get(file)
            if old and (old.file_sha256, old.read_as) == (digest, read_as):
                self.landed = replace(self.landed, unchanged=self.landed.unchanged + 1)
                continue
            if known := _known((digest, read_as), file, contents, reverted):
                self._warn(f"{self._source.name}.{stream.name}: {file} {known}")
                self.landed = replace(self.landed, unchanged=self.landed.unchanged + 1)
                continue
            contents[digest, read_as] = file
            turn = sum(batch.file == file for batch in mine)
            key = batch_id((self._source.name, stream.name, file, digest, read_as), turn)
            size = path.stat().st_size
            fresh = Batch(key, self._source.name, stream.name, file, digest, read_as, size, 0, 0, self._at)
            yield _File(fresh, path, old.batch_id if old else "")

    def land(self, stream: Stream, files: list[_File]) -> None:
        self._scratch.mkdir(parents=True, mode=0o700, exist_ok=True)
        self._drop_copies()
        readings = [self._read(stream, file) for file in files]
        table = raw_table(self._source.name, stream.name)
        columns = widened(self._writer, table, readings)
        self._note_gone(stream, files, readings, [column for column, _ in columns])
        select = " UNION ALL ".join(
            landing_select(reading, columns, batch=file.batch.batch_id, file=file.batch.file, at=self._at)
            for file, reading in zip(files, readings, strict=True)
        )
        try:
            self._writer.append(table, select)
        except (duckdb.InvalidInputException, duckdb.ConversionException, duckdb.DataError) as error:
            where = ", ".join(str(file.path) for file in files[:3])
            raise SourceError(f"cannot be read: {error}", where=where, fix="Export the file again") from error
        rows = _rows_by_batch(self._writer, table, files)
        done = [
            self._checked(stream, file, reading, rows.get(file.batch.batch_id, 0))
            for file, reading in zip(files, readings, strict=True)
        ]
        record(self._writer, done, {file.replaces: file.batch.batch_id for file in files if file.replaces})
        self.landed = replace(self.landed, batches=(*self.landed.batches, *done))

    def _drop_copies(self) -> None:
        for copy in self._scratch.glob("[0-9]*"):  # the others (book..., sqlite...) serve further sheets and tables
            copy.unlink()

    def tidy(self) -> None:
        shutil.rmtree(self._scratch, ignore_errors=True)

    def _read(self, stream: Stream, file: _File) -> Reading:
        known = _with_connector(stream, file.path)
        connector = connector_named(known.connector, where=stream.where)
        reading = connector.read(file.path, known, self._writer.connection, self._scratch)
        have = [column for column, _ in reading.columns]
        for alternatives in stream.mapped:
            if not set(alternatives) & set(have):
                raise _missing_column(stream, file.path, alternatives, have)
        return reading

    def _checked(self, stream: Stream, file: _File, reading: Reading, rows: int) -> Batch:
        late, written = self._late_rejects(reading), reading.written + reading.late.written
        rejected = len(reading.rejects) + late
        if reading.written >= 0 and (rows + late != written or self._has_pieces(reading)):
            what = f"{written} records were found, but {rows + late} read: its quotes do not pair up"
            raise SourceError(what, where=str(file.path), fix='Write a quote inside a field twice ("")')
        if rejected and (rows == 0 or (rejected >= _MANY_REJECTS and rejected * 10 > rows + rejected)):
            raise self._refusal(stream, file, reading, rejected, rows)
        if fingerprint(file.path) != file.batch.file_sha256:
            fix = "Run again when it is complete"
            raise SourceError("the file changed while it was read", where=str(file.path), fix=fix)
        rejects = [*reading.rejects, *self._fetched(reading)]
        place = (self._source.name, stream.name, file.batch.batch_id, file.batch.file)
        reject(self._writer, place, rejects)
        for warning in reading.warnings:
            self._warn(warning)
        return replace(file.batch, rows=rows, rejected=rejected)

    def _has_pieces(self, reading: Reading) -> bool:
        """Return whether pieces of records were refused: one that is counted may make up for a record swallowed."""
        if not reading.rejects_select:
            return False
        sql = f"SELECT 1 FROM ({reading.rejects_select}) WHERE line = 0 LIMIT 1"
        return self._writer.connection.execute(sql).fetchone() is not None

    def _late_rejects(self, reading: Reading) -> int:
        if not reading.rejects_select:
            return reading.late.rejected
        found = self._writer.connection.execute(f"SELECT count(*) FROM ({reading.rejects_select})").fetchone()
        return reading.late.rejected + (int(found[0]) if found else 0)

    def _fetched(self, reading: Reading, limit: int = -1) -> list[Reject]:
        late = reading.late.rejects[:limit] if limit >= 0 else reading.late.rejects
        if not reading.rejects_select:
            return late
        sql = f"SELECT line, rule, reason, text FROM ({reading.rejects_select}) ORDER BY line"
        sql += f" LIMIT {limit}" if limit >= 0 else ""
        return [*(Reject(*row) for row in self._writer.connection.execute(sql).fetchall()), *late]

    def _refusal(self, stream: Stream, file: _File, reading: Reading, rejected: int, rows: int) -> SourceError:
        first = min([*reading.rejects[:1], *self._fetched(reading, 1)], key=lambda one: one.line)
        mapping = stream.where or "the mapping"
        fix = f"Compare the file with {mapping}"
        if first.rule == "undecodable":
            fix = encoding_fix(file.path, stream.encoding, mapping)
        elif stream.delimiter:
            fix = f"{mapping} says delimiter {stream.delimiter!r}; correct it, or the file"
        what = f"{rejected} of {rejected + rows} records are malformed, first: {first.reason}"
        return SourceError(what, where=f"{file.path}, line {first.line}", fix=fix)

    def _note_gone(self, stream: Stream, files: list[_File], readings: list[Reading], columns: list[str]) -> None:
        for file, reading in zip(files, readings, strict=True):
            have = {column.lower() for column, _ in reading.columns}
            gone = [column for column in columns if column.lower() not in have]
            if gone:
                where = f"{self._source.name}.{stream.name}: {file.batch.file}"
                self._warn(f"{where} has no column {', '.join(gone)}; its rows hold NULL there")

    def _warn(self, warning: str) -> None:
        self.landed = replace(self.landed, warnings=(*self.landed.warnings, warning))


def _known(
    content: tuple[str, str], file: str, current: dict[tuple[str, str], str], reverted: dict[tuple[str, str], str]
) -> str:
    """Return why a content does not land (again); empty when it does."""
    if current.get(content, file) != file:
        return f"holds the same as {current[content]}; not landed again"
    if content in reverted:
        key = reverted[content]
        return f"was reverted (batch {key}); not landed again. Change the file, or run 'kehu import restore {key}'"
    return ""


def fingerprint(path: Path) -> str:
    """Return the SHA-256 of a file's bytes; of a SQLite database together with its write-ahead log."""
    log = path.with_name(f"{path.name}-wal")
    if log.is_file() and log.stat().st_size:
        return hashlib.sha256(f"{sha256_of(path)}{sha256_of(log)}".encode()).hexdigest()
    return sha256_of(path)


def _groups(files: list[_File]) -> Iterator[list[_File]]:
    """Yield what one statement lands: small files together, a large one alone, so that its batch has its own files."""
    group: list[_File] = []
    for file in files:
        size = sum(one.batch.bytes for one in group)
        if group and (len(group) == _AT_ONCE or size + file.batch.bytes > _BYTES_AT_ONCE):
            yield group
            group = []
        group.append(file)
    if group:
        yield group


def _with_connector(stream: Stream, path: Path) -> Stream:
    return stream if stream.connector else replace(stream, connector=connector_of(path) or "csv")


def _rows_by_batch(writer: Writer, table: str, files: list[_File]) -> dict[str, int]:
    keys = ", ".join(text(file.batch.batch_id) for file in files)
    sql = f"SELECT _batch_id, count(*) FROM {name(table)} WHERE _batch_id IN ({keys}) GROUP BY _batch_id"
    return dict(writer.connection.execute(sql).fetchall())


def _missing_column(stream: Stream, path: Path, alternatives: tuple[str, ...], have: list[str]) -> SourceError:
    wanted = " or ".join(repr(column) for column in alternatives)
    hint = did_you_mean(alternatives[0], have)
    fix = f"{hint} It has {', '.join(have[:20])}. Correct the column in {stream.where or 'the mapping'}".strip()
    return SourceError(f"column {wanted} of stream {stream.name!r} is not in the file", where=str(path), fix=fix)
