"""What DuckDB's errors may tell a person: names and syntax yes, values no."""

from __future__ import annotations

import duckdb

from kehu.base.errors import QueryError

HARMLESS = (duckdb.BinderException, duckdb.CatalogException, duckdb.ParserException, duckdb.InterruptException)


def told(error: QueryError, *, in_full: bool) -> QueryError:
    """Return ``error`` without its text where that may quote a value of a row the person cannot see.

    ``CAST(name AS INTEGER)`` fails with the name in its message, and DuckDB may compute it before a row filter.
    """
    cause = error.__cause__
    if in_full or not isinstance(cause, duckdb.Error):
        return error
    if isinstance(cause, HARMLESS):
        text = str(error.what).split("\n\nLINE ")[0]
        return QueryError(text, where="query", fix=error.fix or "Correct the SQL and try again")
    kind = type(cause).__name__.removesuffix("Exception").lower()
    fix = "Use TRY_CAST where a value may not convert; an owner sees the full message"
    return QueryError(f"a value could not be computed ({kind} error)", where="query", fix=fix)
