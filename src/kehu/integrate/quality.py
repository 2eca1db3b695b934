"""What a row may not be: the conditions that send it to quarantine, as SQL."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from kehu.base.errors import MappingError
from kehu.integrate.transform import FALLIBLE, INTEGERS, literal, quoted, text_name

if TYPE_CHECKING:
    from kehu.integrate.mapping import Field
    from kehu.warehouse.table import Column

FAULT = 'STRUCT("rule" VARCHAR, "column" VARCHAR, "value" VARCHAR, reason VARCHAR)'
FAULTS = f"{FAULT}[]"
# Before: a placeholder or a slip of the keys, unless the mapping says ``earliest``; from the latest on: a slip.
EARLIEST, LATEST = "1900-01-01", "2100-01-01"
OPEN_ENDED = ("valid_to", "ended_on")  # 9999-12-31 says "until further notice" there
WORDS = {"not_a_number": "not a number", "not_a_date": "not a date"}


def typed_name(field: str) -> str:
    """Return the column that holds a field's typed value beside the raw columns."""
    return quoted(f"_f_{field}")


@dataclass(frozen=True)
class Rule:
    """One way in which a row can be at fault: its name, its SQL condition, the field, the value and the reason."""

    name: str
    condition: str
    column: str
    value: str
    reason: str

    def fault(self) -> str:
        """Return the expression of this fault as a struct."""
        parts = (
            f"'rule': {literal(self.name)}, 'column': {literal(self.column)},"
            f" 'value': CAST({self.value} AS VARCHAR), 'reason': {self.reason}"
        )
        return f"{{{parts}}}"


def faults(rules: list[Rule], former: str = "") -> str:
    """Return the expression of a row's faults: a list, NULL where no rule is broken.

    Parameters
    ----------
    rules : list of Rule
        The rules to check.
    former : str, optional
        A column with the faults found before, kept in front.
    """
    conditions = [rule.condition for rule in rules] + ([f"{former} IS NOT NULL"] if former else [])
    if not conditions:
        return f"CAST(NULL AS {FAULTS})"
    lists = [f"COALESCE({former}, [])"] if former else []
    lists += [f"CASE WHEN {rule.condition} THEN [{rule.fault()}] ELSE [] END" for rule in rules]
    return f"CASE WHEN {' OR '.join(conditions)} THEN CAST(FLATTEN([{', '.join(lists)}]) AS {FAULTS}) END"


def field_rules(column: Column, field: Field | None, raw: dict[str, str], *, is_inherited: bool = False) -> list[Rule]:
    """Return the rules of one field, over its typed value and the raw columns it was read from.

    Parameters
    ----------
    column : Column
        The field in the staging header.
    field : Field or None
        Its mapping; None when nothing is mapped to it.
    raw : dict
        Type of every raw column of the stream.
    is_inherited : bool
        Whether a missing value is taken from elsewhere (an order's date from its header), so it is no fault.
    """
    value = typed_name(column.name)
    if field is None:
        if not column.required or is_inherited:
            return []
        reason = literal(f"{column.name}: missing (no column is mapped to it)")
        return [Rule("missing", "TRUE", column.name, "NULL", reason)]
    columns = [name for name in field.columns if name in raw]
    written = _written(columns)
    rules = []
    if (rule := FALLIBLE.get(field.transform)) and not _is_safe(columns, raw, column.type):
        said = f"{literal(column.name + ': ' + WORDS[rule] + ': ')} || '\"' || {written} || '\"'"
        rules.append(
            Rule(rule, f"CASE WHEN {value} IS NULL THEN {written} END IS NOT NULL", column.name, written, said)
        )
    if column.required and not is_inherited:
        reason = literal(f"{column.name}: missing ({', '.join(columns) or column.name} is empty)")
        absent = f"CASE WHEN {value} IS NULL THEN COALESCE({written}, '') = '' END" if rules else f"{value} IS NULL"
        rules.append(Rule("missing", f"COALESCE({absent}, FALSE)" if rules else absent, column.name, written, reason))
    return [*rules, *_range(column, field)]


def check_earliest(day: str | None, where: str) -> None:
    """Refuse a mapping's ``earliest`` that is no day.

    Raises
    ------
    MappingError
        Says how to write one.
    """
    if day is None:
        return
    try:
        date.fromisoformat(day)
    except ValueError:
        fix = "Write the first possible day, such as 1600-01-01"
        raise MappingError(f"earliest is no day: {day!r}", where=where, fix=fix) from None


def soft(column: Column, field: Field | None) -> str:
    """Return the expression of an optional date kept only when it is possible (no fault, the raw text stays)."""
    value = typed_name(column.name)
    if column.type not in ("DATE", "TIMESTAMP"):
        return value
    return f"CASE WHEN {value} >= DATE '{_earliest(field)}' AND {value} < DATE '{LATEST}' THEN {value} END"


def _earliest(field: Field | None) -> str:
    return field.options.get("earliest", EARLIEST) if field else EARLIEST


def _range(column: Column, field: Field) -> list[Rule]:
    if column.type not in ("DATE", "TIMESTAMP"):
        return []
    value = typed_name(column.name)
    late = "" if column.name in OPEN_ENDED else f" OR {value} >= DATE '{LATEST}'"
    reason = f"{literal(column.name + ': out of range: ')} || CAST({value} AS VARCHAR)"
    return [Rule("out_of_range", f"({value} < DATE '{_earliest(field)}'{late})", column.name, value, reason)]


def _written(columns: list[str]) -> str:
    values = [text_name(name) for name in columns]
    return f"COALESCE({', '.join(values)})" if len(values) > 1 else values[0] if values else "CAST(NULL AS VARCHAR)"


def _is_safe(columns: list[str], raw: dict[str, str], target: str) -> bool:
    """Tell whether every raw type always fits the field's type, so nothing can fail."""
    dates = target in ("DATE", "TIMESTAMP")
    kinds = {raw[name].upper().split("(")[0] for name in columns}
    fitting = {"DATE", "TIMESTAMP", "TIMESTAMP_NS", "TIMESTAMP_MS", "TIMESTAMP_S", "TIMESTAMP WITH TIME ZONE"}
    return kinds <= (fitting if dates else {*INTEGERS[:4], "DECIMAL", "UINTEGER", "USMALLINT", "UTINYINT"})
