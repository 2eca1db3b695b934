"""Names and text inside SQL that Kehu composes itself."""

from __future__ import annotations


def name(identifier: str) -> str:
    """Return an identifier quoted for DuckDB.

    Examples
    --------
    >>> name("order")
    '"order"'
    """
    return '"' + identifier.replace('"', '""') + '"'


def text(value: str) -> str:
    """Return a string literal for DuckDB.

    Examples
    --------
    >>> text("it's")
    "'it''s'"
    """
    return "'" + value.replace("'", "''") + "'"
