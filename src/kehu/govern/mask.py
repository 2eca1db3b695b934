"""What is left of a value under the policy, as SQL."""

from __future__ import annotations

from typing import Literal

Level = Literal["show", "partial", "null"]
LEVELS: tuple[Level, ...] = ("show", "partial", "null")  # from the most to the least that is seen


def quoted(name: str) -> str:
    """Return ``name`` as a quoted SQL name."""
    return '"' + name.replace('"', '""') + '"'


def masked(column: str, kind: str, level: Level) -> str:
    r"""Return the SQL of ``column`` (of DuckDB type ``kind``) as ``level`` leaves it, of the same type.

    ``partial`` keeps an address's first letter and domain (``w***@x.com``), a number's last two digits
    (``***12``), another text's first letter (``王***``) and the year of a date; other types become NULL.

    Examples
    --------
    >>> masked("birth_on", "DATE", "partial")
    'CAST(date_trunc(\'year\', "birth_on") AS DATE)'
    """
    name = quoted(column)
    if level == "show":
        return name
    if level == "partial" and kind == "VARCHAR":
        return (
            f"CASE WHEN {name} LIKE '%@%' THEN substr({name}, 1, 1) || '***@' || split_part({name}, '@', -1) "
            f"WHEN regexp_matches({name}, '^[-+0-9() ./]{{6,}}$') THEN '***' || right({name}, 2) "
            f"WHEN {name} IS NOT NULL THEN substr({name}, 1, 1) || '***' END"
        )
    if level == "partial" and kind in {"DATE", "TIMESTAMP"}:
        return f"CAST(date_trunc('year', {name}) AS {kind})"
    return f"CAST(NULL AS {kind})"


def cell(column: str, kind: str, levels: list[tuple[Level, str | None]]) -> str:
    """Return the SQL of one column for somebody with several roles.

    Parameters
    ----------
    column, kind : str
        Name and DuckDB type.
    levels : list of (level, condition)
        What each role leaves of the value, on the rows that meet the role's condition (None: on all rows).

    Returns
    -------
    str
        On each row the most that any role shows there.
    """
    if len({level for level, _ in levels}) == 1:
        return masked(column, kind, levels[0][0])
    cases: list[str] = []
    for level in LEVELS:
        conditions = [condition for held, condition in levels if held == level]
        if None in conditions or level == "null":
            rest = masked(column, kind, level)
            return f"CASE {' '.join(cases)} ELSE {rest} END" if cases else rest
        if conditions:
            cases.append(f"WHEN {either(conditions)} THEN {masked(column, kind, level)}")
    raise AssertionError("LEVELS ends with null")  # pragma: no cover


def either(conditions: list[str | None]) -> str:
    """Return the SQL that holds where any condition does."""
    return " OR ".join(f"({condition})" for condition in conditions)
