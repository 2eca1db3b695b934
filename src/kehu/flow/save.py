"""Answers as documents and files: JSON, CSV, Parquet, a workbook."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from kehu.base.errors import KehuError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kehu.base.types import Json, Result


def save(result: Result, path: Path, form: str | None = None) -> None:
    """Write a result to a file: csv, json, parquet or xlsx, by ``form`` or else by the file's ending.

    Raises
    ------
    KehuError
        When the ending is none of these.
    """
    kind = form or path.suffix.lstrip(".").lower()
    if kind not in WRITERS:
        fix = did_you_mean(kind, WRITERS) or f"End the file's name in one of {', '.join(WRITERS)}"
        raise KehuError(f"no format {kind!r}", where=str(path), fix=fix)
    path.write_bytes(WRITERS[kind](result))


def document(result: Result) -> dict[str, Json]:
    """Return a result as one document: columns, rows, snapshot."""
    return {"columns": list(result.columns), "rows": result.dicts(), "snapshot": result.snapshot}


def as_json(value: Json) -> str:
    """Return a value as JSON text: DECIMAL as string, times as ISO 8601 (UTC times end in Z).

    Examples
    --------
    >>> from decimal import Decimal
    >>> print(as_json({"amount": Decimal("1.50")}))
    {
      "amount": "1.50"
    }
    """
    return json.dumps(finite(value), default=plain, ensure_ascii=False, indent=2, allow_nan=False)


def finite(value: Json) -> Json:
    """Return a value without the numbers that JSON lacks: they become text, as in SQL."""
    if isinstance(value, float) and value - value != 0:  # NaN and both infinities
        return str(value)
    if isinstance(value, dict):
        return {str(name): finite(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [finite(one) for one in value]
    return value


def plain(value: Any) -> Json:  # noqa: ANN401  # any SQL value
    """Return a value that JSON lacks as text."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds") + ("" if value.tzinfo else "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    return str(value)


def _json(result: Result) -> bytes:
    return f"{as_json(document(result))}\n".encode()


def _csv(result: Result) -> bytes:
    from kehu.present.export import csv_bytes

    return csv_bytes(result.columns, result.rows)


def _xlsx(result: Result) -> bytes:
    from kehu.present.export import xlsx_bytes

    return xlsx_bytes(result.columns, result.rows)


def _parquet(result: Result) -> bytes:
    import pyarrow as pa
    from pyarrow import parquet

    columns = zip(*result.rows, strict=True) if result.rows else [()] * len(result.columns)
    out = pa.BufferOutputStream()
    parquet.write_table(pa.Table.from_arrays([pa.array(list(one)) for one in columns], list(result.columns)), out)
    return bytes(out.getvalue())


WRITERS: dict[str, Callable[[Result], bytes]] = {"csv": _csv, "json": _json, "parquet": _parquet, "xlsx": _xlsx}
