"""Clean stretches of delimited text as a stream of Arrow batches, each row behind its physical line number."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from pyarrow import csv

from kehu.collect.clean import Span, numbers_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from pyarrow.csv import InvalidRow

    from kehu.collect.connector import Late


def stream(
    spans: Sequence[Span],
    names: Sequence[str],
    delimiter: str,
    late: Late,
    again: Callable[[list[tuple[int, str]]], pa.Table],
) -> pa.RecordBatchReader:
    """Return the rows of clean spans, parsed one span at a time while the reader is read.

    Parameters
    ----------
    spans : sequence of Span
        What `is_clean` accepted.
    names : sequence of str
        The columns; all are text, an empty field is NULL.
    delimiter : str
        One byte.
    late : Late
        Told of every record.
    again : callable
        Gets the (line number, text) of lines with another number of fields, and returns the rows among them: readers
        differ about a delimiter too many, and only one may decide.
    """
    schema = pa.schema([("_line", pa.int64()), *((name, pa.string()) for name in names)])

    def batches() -> Iterator[pa.RecordBatch]:
        for span in spans:
            rows, refused = _parsed(span, schema, delimiter, late)
            yield from rows.to_batches()
            if refused:
                yield from again(refused).cast(schema).to_batches()

    return pa.RecordBatchReader.from_batches(schema, batches())


def _parsed(span: Span, schema: pa.Schema, delimiter: str, late: Late) -> tuple[pa.Table, list[tuple[int, str]]]:
    with span.path.open("rb") as file:
        file.seek(span.at)
        data = file.read(span.size)
    numbers = numbers_of(data, span.line)
    late.written += len(numbers)
    if not len(numbers):
        return schema.empty_table(), []
    refused: list[InvalidRow] = []

    def refuse(row: InvalidRow) -> str:
        refused.append(row)
        return "skip"

    quote = '"' if b'"' in data else False
    rows = csv.read_csv(
        pa.BufferReader(data),
        read_options=csv.ReadOptions(column_names=schema.names[1:], use_threads=False, block_size=len(data) + 1),
        parse_options=csv.ParseOptions(delimiter=delimiter, quote_char=quote, invalid_row_handler=refuse),
        convert_options=csv.ConvertOptions(
            column_types=schema.remove(0), strings_can_be_null=True, null_values=[""], check_utf8=False
        ),
    )
    places = [row.number - 1 for row in refused]  # counted among the lines that are not blank
    kept = np.delete(numbers, places) if places else numbers
    rows = rows.add_column(0, schema.field(0), pa.array(kept))
    return rows, [(int(numbers[row.number - 1]), row.text) for row in refused]
