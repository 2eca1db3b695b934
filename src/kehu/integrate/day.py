"""Dates and times as people and systems write them: one SQL expression per column."""

from __future__ import annotations

EXCEL_EPOCH = "TIMESTAMP '1899-12-30 00:00:00'"  # day 0 of Excel's serials, its 1900 leap-day bug included
UNAMBIGUOUS = (
    "%Y年%m月%d日 %H:%M:%S",
    "%Y年%m月%d日 %H:%M",
    "%Y年%m月%d日%H:%M:%S",
    "%Y年%m月%d日%H:%M",
    "%Y年%m月%d日 %H时%M分%S秒",
    "%Y年%m月%d日",
    "%Y%m%d%H%M%S",
    "%Y%m%d %H:%M:%S",
    "%Y%m%d",
    "%Y.%m.%d %H:%M:%S",
    "%Y.%m.%d %H:%M",
    "%Y.%m.%d",
    "%d.%m.%Y %H:%M:%S",
    "%d.%m.%Y %H:%M",
    "%d.%m.%Y",
    "%d %b %Y",
    "%d-%b-%Y",
    "%d-%b-%y",
    "%d %B %Y",
    "%b %d, %Y",
    "%B %d, %Y",
    "%b %d %Y",
    "%a, %d %b %Y %H:%M:%S",
    "%d/%b/%Y",
    "%Y/%m/%d %I:%M:%S %p",
    "%Y-%m-%d %I:%M:%S %p",
)
SERIAL = {
    "excel": f"{EXCEL_EPOCH} + TO_MICROSECONDS(CAST(ROUND({{n}} * 86400) * 1000000 AS BIGINT))",
    "epoch": "EPOCH_MS(CAST(ROUND({n} * 1000) AS BIGINT))",
    "epoch_ms": "EPOCH_MS(CAST(ROUND({n}) AS BIGINT))",
}


def moment(name: str, text: str, raw_type: str, target: str, options: dict[str, str]) -> str:
    """Return the expression that reads one raw column as a DATE or a UTC TIMESTAMP.

    Parameters
    ----------
    name, text, raw_type : str
        The raw column, the expression of it as trimmed text, and its type.
    target : str
        ``DATE`` or ``TIMESTAMP``.
    options : dict
        ``format``: strptime formats parted by ``|``, or ``excel``, ``epoch``, ``epoch_ms``; without it
        ISO 8601 and the formats that can be read in one way only are tried. ``zone``: IANA zone of the
        written local times (UTC without it).

    Notes
    -----
    A number without ``format`` is read as its digits: 20170103 is a date, 42738 is none.
    """
    kind, form = raw_type.upper(), options.get("format", "")
    if kind in ("DATE", "TIMESTAMP", "TIMESTAMP_NS", "TIMESTAMP_MS", "TIMESTAMP_S"):
        return _zoned(f"CAST({name} AS TIMESTAMP)", target, options)
    if kind.startswith("TIMESTAMP WITH"):
        return f"CAST(TIMEZONE('UTC', {name}) AS {target})"
    if form in SERIAL:
        return _zoned(SERIAL[form].format(n=f"TRY_CAST({text} AS DOUBLE)"), target, options)
    return _zoned(_read(text, form), target, options)


def _read(text: str, form: str) -> str:
    iso = f"TRY_CAST({text} AS TIMESTAMP)"
    offset = rf"REGEXP_MATCHES({text}, '[+-]\d\d:?\d\d$') AND CONTAINS({text}, ':')"
    absolute = f"CASE WHEN {offset} THEN TIMEZONE('UTC', TRY_CAST({text} AS TIMESTAMPTZ)) ELSE {iso} END"
    iso = f"CASE WHEN LENGTH({text}) > 19 AND NOT SUFFIX({text}, 'Z') THEN {absolute} ELSE {iso} END"
    narrow = f"TRANSLATE({text}, '０１２３４５６７８９：－／', '0123456789:-/')"
    if form:
        return f"COALESCE(TRY_STRPTIME({text}, {_formats(form.split('|'))}), {iso})"
    unpadded = f"REPLACE(REPLACE({narrow}, '上午', ''), 'T', ' ')"
    read = f"COALESCE(TRY_STRPTIME({narrow}, {_formats(UNAMBIGUOUS)}), TRY_CAST({unpadded} AS TIMESTAMP))"
    return f"COALESCE({iso}, CASE WHEN {text} IS NOT NULL THEN {read} END)"  # CASE: only what ISO 8601 cannot read


def _formats(forms: tuple[str, ...] | list[str]) -> str:
    return "[" + ", ".join("'" + form.replace("'", "''") + "'" for form in forms) + "]"


def _zoned(moment_sql: str, target: str, options: dict[str, str]) -> str:
    zone = options.get("zone", "")
    if zone and target != "DATE":
        moment_sql = f"TIMEZONE('UTC', TIMEZONE('{zone}', {moment_sql}))"
    return moment_sql if target == "TIMESTAMP" else f"CAST({moment_sql} AS {target})"
