"""CSV and its kin: comma, semicolon, tab or bar, plain or gzip."""

from __future__ import annotations

from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

import duckdb

from kehu.base.errors import SourceError
from kehu.collect.column import LOOKED_AT, sampled
from kehu.collect.connector import Late, Reading, Reject, Stream, StreamLook
from kehu.collect.dialect import column_names, delimiter_of, fields, has_header
from kehu.collect.encoding import chunks, encoding_of
from kehu.collect.quote import name, text
from kehu.collect.records import Records, Shape, number, opens
from kehu.collect.stream import stream as streamed
from kehu.collect.text import blocks

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pyarrow as pa
    from duckdb import DuckDBPyConnection

Columns = tuple[tuple[str, str], ...]
_LOOKED_RECORDS = 500
_RULES = {
    "MISSING COLUMNS": "wrong_field_count",
    "TOO MANY COLUMNS": "wrong_field_count",
    "UNQUOTED VALUE": "broken_quote",
}


class Delimited:
    """Reads delimited text; every column is VARCHAR, an empty field is NULL."""

    suffixes = (".csv", ".tsv", ".txt", ".csv.gz", ".tsv.gz", ".txt.gz")

    def look(self, path: Path, connection: DuckDBPyConnection, scratch: Path) -> list[StreamLook]:
        """Return the one stream of a delimited file."""
        encoding = encoding_of(path)
        first = first_records(path, encoding)
        delimiter = delimiter_of(first)
        header = has_header([fields(record, delimiter) for record in first])
        shape = Shape(encoding, delimiter, header=header)
        copy = scratch / f"look-{path.name}.csv"
        found = number(path, copy, shape, limit=LOOKED_AT)
        columns = _columns(found, copy, delimiter)
        looks, sample = sampled(connection, select_of(copy, columns, delimiter), columns)
        copy.unlink()
        rows = found.written if found.written < LOOKED_AT else lines_of(path, encoding) - header
        return [
            StreamLook(
                "",
                "csv",
                encoding=encoding,
                delimiter=delimiter,
                header=header,
                columns=looks,
                rows=rows,
                sample=sample,
            )
        ]

    def read(self, path: Path, stream: Stream, connection: DuckDBPyConnection, scratch: Path) -> Reading:
        """Number the records of one file and return how DuckDB reads them: clean stretches in place, others copied.

        Raises
        ------
        SourceError
            When the file is empty, undecodable as a whole, or split by another delimiter than the mapping says.
        """
        encoding = stream.encoding or encoding_of(path)
        first = first_records(path, encoding)
        delimiter = stream.delimiter or delimiter_of(first)
        _refuse_other_delimiter(path, stream, first, delimiter)
        rows = [fields(record, delimiter) for record in first]
        header = has_header(rows) if stream.header is None else stream.header
        copy = scratch / f"{len(list(scratch.iterdir()))}.csv"
        found = number(path, copy, Shape(encoding, delimiter, header=header), leave=True)
        columns = _columns(found, copy, delimiter)
        tag = copy.stem
        select, late = select_of(copy, columns, delimiter, tag=tag, parallel=not found.multiline), Late()
        if found.spans:
            most = 1000 + (found.spans[-1].line + found.spans[-1].size) // 10  # with more the file is refused
            again = partial(_again, copy.with_suffix(".again"), columns, delimiter, late, most)
            rows = streamed(found.spans, [column for column, _ in columns], delimiter, late, again)
            connection.register(f"kehu_stream_{tag}", rows)
            select += f" UNION ALL SELECT * FROM kehu_stream_{tag}"
        return Reading(
            columns=columns,
            select=select,
            rejects=tuple(found.rejects),
            rejects_select=rejects_of(tag, delimiter),
            written=found.written,
            late=late,
        )


def _again(
    copy: Path, columns: Columns, delimiter: str, late: Late, most: int, lines: list[tuple[int, str]]
) -> pa.Table:
    """Read lines that the fast reader refused by the reader of copies; it alone tells rows from rejects."""
    copy.write_text("".join(f"{line}{delimiter}{record}\n" for line, record in lines), encoding="utf-8", newline="")
    with duckdb.connect() as own:  # the other one is busy reading the stream
        rows = own.execute(select_of(copy, columns, delimiter, parallel=False)).to_arrow_table()
        found = own.execute(f"{rejects_of('look', delimiter)} ORDER BY line").fetchall()
    copy.unlink()
    late.rejected += len(found)
    if len(late.rejects) <= most:
        late.rejects += (Reject(*row) for row in found)
    return rows


def first_records(path: Path, encoding: str) -> list[str]:
    """Return up to 500 first records of a text file, blank lines left out."""
    first = next(blocks(path, encoding), None)
    records: list[str] = []
    lines = iter(first.text()[0].split("\n") if first else ())
    for line in lines:
        record = line
        if '"' in line and any(opens(line, delimiter) for delimiter in (",", ";", "\t", "|")):
            record = "\n".join([line, *_until_closed(lines)])
        if record:
            records.append(record)
        if len(records) == _LOOKED_RECORDS:
            break
    return records


def _until_closed(lines: Iterator[str]) -> list[str]:
    taken = []
    for line in islice(lines, 100):
        taken.append(line)
        if line.count('"') % 2:
            break
    return taken


def lines_of(path: Path, encoding: str) -> int:
    """Return the number of lines of a text file."""
    feed = b"\n\0" if encoding == "utf-16-le" else b"\0\n" if encoding == "utf-16-be" else b"\n"
    count, last = 0, b""
    for piece in chunks(path):
        count, last = count + piece.count(feed), piece[-len(feed) :]
    return count + (last not in (feed, b""))


def _columns(found: Records, copy: Path, delimiter: str) -> Columns:
    if found.header:
        names = column_names(fields(found.header, delimiter))
    else:
        with copy.open(encoding="utf-8") as file:
            names = column_names([""] * (len(fields(file.readline().rstrip("\n"), delimiter)) - 1))
    return tuple((column, "VARCHAR") for column in names)


def select_of(copy: Path, columns: Columns, delimiter: str, *, tag: str = "look", parallel: bool = True) -> str:
    """Return the SELECT that reads a numbered copy; what it refuses goes to the temporary tables of ``tag``."""
    typed = ", ".join(f"{text(column)}: {text(kind)}" for column, kind in (("_line", "BIGINT"), *columns))
    return (
        f"SELECT _line, {', '.join(name(column) for column, _ in columns)} FROM read_csv({text(str(copy))}, "
        f"auto_detect = false, header = false, delim = {text(delimiter)}, quote = '\"', escape = '\"', "
        f"columns = {{{typed}}}, new_line = '\\n', max_line_size = 2097152, parallel = {str(parallel).lower()}, "
        f"store_rejects = true, rejects_table = 'reject_{tag}', rejects_scan = 'reject_scan_{tag}')"
    )


def rejects_of(tag: str, delimiter: str) -> str:
    """Return the SELECT of the records that DuckDB refused while the SELECT of the same tag ran."""
    mark = text(delimiter)
    rules = " ".join(f"WHEN {text(key)} THEN {text(rule)}" for key, rule in _RULES.items())
    # DuckDB counts the line number as a field
    found, wanted = (
        f"CAST(regexp_extract(message, '{word}: ([0-9]+)', 1) AS INTEGER) - 1" for word in ("Found", "Columns")
    )
    return (
        f"SELECT coalesce(TRY_CAST(split_part(csv_line, {mark}, 1) AS BIGINT), 0) AS line, "  # 0: a piece of a record
        f"CASE kind {rules} ELSE 'malformed' END AS rule, "
        f"CASE WHEN message LIKE 'Expected Number%' THEN concat({found}, ' fields where the header has ', {wanted}) "
        f"ELSE message END AS reason, rtrim(substr(csv_line, strpos(csv_line, {mark}) + 1), chr(10)) AS text FROM "
        "(SELECT csv_line, CAST(any_value(error_type) AS VARCHAR) AS kind, any_value(error_message) AS message "
        f"FROM temp.reject_{tag} GROUP BY csv_line)"
    )


def _refuse_other_delimiter(path: Path, stream: Stream, first: list[str], delimiter: str) -> None:
    if not first or not stream.delimiter or len(fields(first[0], delimiter)) > 1:
        return
    better = delimiter_of(first)
    if better != delimiter and len(fields(first[0], better)) > 1:
        what = f"the mapping says delimiter {delimiter!r}, but the file is split by {better!r}"
        fix = f"Write delimiter: {better!r} in {stream.where or 'the mapping'}"
        raise SourceError(what, where=f"{path}, line 1", fix=fix)
