"""Reads ``policy.yml`` and refuses what it cannot mean."""

from __future__ import annotations

import hashlib
from importlib.resources import files
from typing import TYPE_CHECKING, Any, cast, get_args

import sqlglot
import yaml
from sqlglot import exp
from sqlglot.errors import SqlglotError

from kehu.base.errors import QueryError, SettingsError, did_you_mean
from kehu.govern import reread
from kehu.govern.access import ROLES
from kehu.govern.mask import Level, quoted
from kehu.govern.policy import Policy, Rule

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from pathlib import Path

KEYS = ("personal", "tables", "columns", "rows")
Schema = dict[str, frozenset[str]]  # column names (lower case) per known table


def default_text() -> str:
    """Return the commented ``policy.yml`` of a new project."""
    return files("kehu.govern").joinpath("default_policy.yml").read_text(encoding="utf-8")


def load_policy(path: Path | None, known: Mapping[str, Iterable[str]] | None = None) -> Policy:
    """Return the rules of a project; the built-in ones where there is no file.

    Parameters
    ----------
    path : Path or None
        ``policy.yml`` of the project folder.
    known : mapping of str to names, optional
        Columns per table, to check the names in the file against; unchecked when None.

    Raises
    ------
    SettingsError
        When the file is no YAML, or names an unknown key, role, table or column, or a wrong level or condition.
    """
    builtin = _rules(yaml.safe_load(default_text()), _Names("the built-in policy", None), {})
    if path is None or not path.is_file():
        return Policy(builtin, _digest(default_text()))
    text = path.read_text(encoding="utf-8")
    names = _Names(str(path), None if known is None else _schema(known, builtin.values()))
    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        what = " ".join(str(error).split())
        raise SettingsError(f"not valid YAML: {what}", where=str(path), fix="Correct that line") from error
    return Policy({**builtin, **_rules(content, names, builtin)}, _digest(text))


class PolicyFile:
    """A project's ``policy.yml``, read again whenever it changes; a wrong edit closes the door."""

    def __init__(self, path: Path, known: Mapping[str, Iterable[str]] | None = None) -> None:
        self._path, self._known = path, known
        self._read: tuple[object, Policy] | None = None

    def policy(self) -> Policy:
        """Return the rules in force now."""
        try:
            status = self._path.stat()
            stamp: object = (status.st_mtime_ns, status.st_size, status.st_ino)
        except FileNotFoundError:
            stamp = None
        if self._read is None or self._read[0] != stamp:
            self._read = (stamp, load_policy(self._path, self._known))
        return self._read[1]


class _Names:
    """The file being read, and the names it may use."""

    def __init__(self, where: str, schema: Schema | None) -> None:
        self.where, self.schema = where, schema

    def error(self, what: str, fix: str) -> SettingsError:
        return SettingsError(what, where=self.where, fix=fix)

    def mapping(self, value: Any, what: str, keys: Collection[str] | None = None) -> dict[str, Any]:  # noqa: ANN401  # YAML
        if value is None:
            return {}
        if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
            raise self.error(f"{what} must be a mapping, not {value!r}", "See the comments of the default policy")
        for key in value:
            if keys is not None and key not in keys:
                fix = did_you_mean(key, keys) or f"Known are {', '.join(keys)}"
                raise self.error(f"unknown key {key!r} in {what}", fix)
        return value

    def table(self, name: str) -> str:
        if self.schema is not None and "*" not in name and name.lower() not in self.schema:
            raise self.error(f"there is no table {name!r}", did_you_mean(name, self.schema) or "See 'kehu show'")
        return name.lower()

    def column(self, name: str) -> str:
        table, dot, column = name.lower().rpartition(".")
        if dot:
            self.table(table)
        if self.schema is None:
            return name.lower()
        there = self.schema[table] if dot else frozenset().union(*self.schema.values())
        if there and column not in there:
            raise self.error(f"there is no column {name!r}", did_you_mean(column, there) or "See 'kehu show'")
        return name.lower()


def _rules(content: Any, names: _Names, usual: Mapping[str, Rule]) -> dict[str, Rule]:  # noqa: ANN401  # YAML
    roles = names.mapping(names.mapping(content, "the file", ("roles",)).get("roles"), "roles", ROLES)
    return {role: _rule(value, f"role {role}", names, usual.get(role, Rule())) for role, value in roles.items()}


def _rule(value: Any, what: str, names: _Names, usual: Rule) -> Rule:  # noqa: ANN401  # YAML may be anything
    parts = names.mapping(value, what, KEYS)
    tables = names.mapping(parts.get("tables"), f"tables of {what}", ("deny", "allow"))
    columns = names.mapping(parts.get("columns"), f"columns of {what}")
    rows = names.mapping(parts.get("rows"), f"rows of {what}")
    return Rule(
        personal=_level(parts.get("personal", usual.personal), f"personal of {what}", names),
        deny=_patterns(tables.get("deny", list(usual.deny)), what, names),
        allow=_patterns(tables.get("allow", list(usual.allow)), what, names),
        columns={**usual.columns}
        | {names.column(name): _level(level, f"{name} of {what}", names) for name, level in columns.items()},
        rows={**usual.rows} | {names.table(name): _condition(name, text, names) for name, text in rows.items()},
    )


def _level(value: Any, what: str, names: _Names) -> Level:  # noqa: ANN401  # YAML may be anything
    level = "null" if value is None else value
    if level not in get_args(Level):
        known = ", ".join(get_args(Level))
        raise names.error(f"{what} cannot be {value!r}", did_you_mean(str(value), get_args(Level)) or f"Use {known}")
    return cast("Level", level)


def _patterns(value: Any, what: str, names: _Names) -> tuple[str, ...]:  # noqa: ANN401  # YAML may be anything
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise names.error(f"tables of {what} must be lists of names, not {value!r}", "Write [raw_*, quarantine]")
    return tuple(names.table(item) for item in value)


def _condition(table: str, text: Any, names: _Names) -> str:  # noqa: ANN401  # YAML may be anything
    what = f"the condition on {table}, {text!r},"
    fix = "Write one condition over the table's own columns, such as store_id = '101'"
    if "*" in table:
        raise names.error(f"rows need a table's name, not the pattern {table!r}", fix)
    try:
        tree = sqlglot.parse_one(f"SELECT 1 FROM t WHERE ({text}\n)", read="duckdb")
    except (SqlglotError, RecursionError) as error:
        raise names.error(f"{what} cannot be read", fix) from error
    used = {part for part, value in tree.args.items() if value}
    whole = tree.args["where"].this if used == {"expressions", "from_", "where"} else None
    if not isinstance(whole, exp.Paren) or whole.find(exp.Query, exp.Table, exp.Star):
        raise names.error(f"{what} is no plain condition", fix)
    condition: str = whole.this.sql("duckdb", comments=False)
    try:
        reread.confirm(f"SELECT 1 FROM lake.{quoted(table)} WHERE ({condition})", {table: 1}, frozenset())
    except QueryError as error:
        raise names.error(f"{what} is refused: {error.what}", fix) from error
    for column in whole.find_all(exp.Column):
        if column.table:
            raise names.error(f"{what} names {column.sql('duckdb')!r}", "Write bare column names")
        names.column(f"{table}.{column.name}")
    return condition


def _schema(known: Mapping[str, Iterable[str]], builtin: Collection[Rule]) -> Schema:
    schema: Schema = {name: frozenset() for rule in builtin for name in rule.deny if "*" not in name}
    schema[""] = frozenset(name for rule in builtin for name in rule.columns)  # known in every project
    return schema | {name.lower(): frozenset(column.lower() for column in of) for name, of in known.items()}


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
