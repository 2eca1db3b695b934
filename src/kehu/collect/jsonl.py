"""JSON Lines: one object per line, scalars as text, nested values as JSON text."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from kehu.base.errors import SourceError
from kehu.collect.column import LOOKED_AT, sampled
from kehu.collect.connector import Reading, Stream, StreamLook
from kehu.collect.delimited import first_records, lines_of
from kehu.collect.dialect import column_names
from kehu.collect.encoding import encoding_of
from kehu.collect.quote import name, text
from kehu.collect.records import Shape, number

if TYPE_CHECKING:
    from pathlib import Path

    from duckdb import DuckDBPyConnection

_MARK = "\x01"  # never stands in valid JSON
_MOST_KEYS = 2000


class JsonLines:
    """Reads JSON Lines; a line that is no object is rejected, keys become columns in the order they first come."""

    suffixes = (".jsonl", ".ndjson", ".json", ".jsonl.gz", ".ndjson.gz")

    def look(self, path: Path, connection: DuckDBPyConnection, scratch: Path) -> list[StreamLook]:
        """Return the one stream of a JSON Lines file."""
        encoding = encoding_of(path)
        copy = scratch / f"look-{path.name}.txt"
        _refuse_document(path, encoding)
        written = number(path, copy, _shape(encoding), limit=LOOKED_AT).written
        columns, select = _opened(path, copy, connection)
        looks, sample = sampled(connection, select, columns)
        copy.unlink()
        rows = written if written < LOOKED_AT else lines_of(path, encoding)
        return [StreamLook("", "jsonl", encoding=encoding, columns=looks, rows=rows, sample=sample)]

    def read(self, path: Path, stream: Stream, connection: DuckDBPyConnection, scratch: Path) -> Reading:
        """Number the lines of one file into ``scratch`` and return how DuckDB reads them.

        Raises
        ------
        SourceError
            When the file is empty, one JSON document instead of lines, or has more than 2,000 keys.
        """
        encoding = stream.encoding or encoding_of(path)
        _refuse_document(path, encoding)
        copy = scratch / f"{len(list(scratch.iterdir()))}.txt"
        found = number(path, copy, _shape(encoding))
        columns, select = _opened(path, copy, connection)
        reason = "CASE WHEN json_valid(record) THEN 'JSON, but no object' ELSE 'no valid JSON' END"
        rejects = (
            f"SELECT _line AS line, 'bad_json' AS rule, {reason} AS reason, record AS text "
            f"FROM {_lines(copy)} WHERE NOT {_IS_OBJECT}"
        )
        return Reading(columns, select, tuple(found.rejects), rejects, found.written)


_IS_OBJECT = "coalesce(CASE WHEN json_valid(record) THEN json_type(record) = 'OBJECT' END, false)"


def _shape(encoding: str) -> Shape:
    return Shape(encoding, _MARK, quoted=False, header=False)


def _lines(copy: Path) -> str:
    return (
        f"read_csv({text(str(copy))}, auto_detect = false, header = false, delim = {text(_MARK)}, quote = '', "
        "escape = '', columns = {'_line': 'BIGINT', 'record': 'VARCHAR'}, new_line = '\\n', max_line_size = 2097152)"
    )


def _opened(path: Path, copy: Path, connection: DuckDBPyConnection) -> tuple[tuple[tuple[str, str], ...], str]:
    source = f"(SELECT _line, record FROM {_lines(copy)} WHERE {_IS_OBJECT})"
    found = connection.execute(
        "WITH key AS (SELECT _line, unnest(json_keys(record)) AS k, "
        f"generate_subscripts(json_keys(record), 1) AS place FROM {source}) "
        "SELECT k FROM key GROUP BY k ORDER BY min((_line, place))"
    ).fetchall()
    keys = [key for (key,) in found]
    if len(keys) > _MOST_KEYS:
        fix = "Values seem to be used as keys; write them as a list of objects"
        raise SourceError(f"{len(keys)} different keys", where=str(path), fix=fix)
    if not keys:
        return (), f"SELECT _line FROM {source}"
    names = column_names(keys)
    cells = [
        f"json_extract_string(record, {text(_pointer(key))}) AS {name(column)}"
        for key, column in zip(keys, names, strict=True)
    ]
    if all(key.lower() not in {k.lower() for k in keys[:at]} for at, key in enumerate(keys)):
        wanted = json.dumps(dict.fromkeys(keys, "VARCHAR"), ensure_ascii=False)
        source = f"(SELECT _line, from_json(record, {text(wanted)}) AS record FROM {source})"
        cells = [
            f"struct_extract(record, {text(key)}) AS {name(column)}" for key, column in zip(keys, names, strict=True)
        ]
    return tuple((column, "VARCHAR") for column in names), f"SELECT _line, {', '.join(cells)} FROM {source}"


def _pointer(key: str) -> str:
    return "/" + key.replace("~", "~0").replace("/", "~1")


def _refuse_document(path: Path, encoding: str) -> None:
    first = first_records(path, encoding)
    start = first[0].lstrip() if first else ""
    if start.startswith("[") or start in {"{", ""}:
        fix = "Write one JSON object per line (for example: jq -c '.[]' file.json > file.jsonl)"
        raise SourceError("this is one JSON document, not one object per line", where=f"{path}, line 1", fix=fix)
