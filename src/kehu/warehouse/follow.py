"""How a table follows what it reads: by which key a change of an input reaches the table's rows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from sqlglot import exp

from kehu.base.errors import TableError, did_you_mean
from kehu.warehouse.sql import parse
from kehu.warehouse.store.engine import name

TEXTS = ("key", "when", "slice", "through", "prune", "prune_by")
FLAGS = ("covers", "unique", "touched")
SELECT = re.compile(r"[\s(]*(SELECT|WITH|FROM)\s", re.IGNORECASE)


@dataclass(frozen=True)
class Follow:
    """How one input's changes reach a table that is kept by key (``kind: merge``).

    Attributes
    ----------
    key : str
        Expressions over the input's rows, one per column of the table's ``by``: the keys a changed row touches. The
        input is narrowed to the touched keys by the same expressions. Or a whole SELECT of touched keys, which may
        read ``changed_<input>`` (the changed rows, with ``_is_old``) and any table; the input is read whole then. A
        last column ``_is_fresh`` may tell the keys that the table cannot hold yet. Empty: what touches the table
        reaches it by another input.
    when : str
        Condition on changed rows; only those that meet it touch anything. For changes that cannot be seen in the table.
        The name of an input that is followed by ``slice`` stands for the slices that stay.
    slice : str
        A column that the input and the table's key share: every row of the table belongs to one row of this input, and
        comes, changes and goes with it. Others of its rows stay as they are.
    through : str
        Another followed input that is cut to the touched keys: of this one only the rows are read whose own key (its
        header's ``key``, columns of both) stands among those.
    prune, prune_by : str
        A column of the input and the expression over touched keys (``_k1``, ...) that gives its values, so that files
        that hold none of them are passed over.
    covers : bool
        The table has a row for every key of the input. What is new in the table is new in the input then, so that
        the input's history need not be read for it.
    unique : bool
        The input has one row per key, and the table has rows only for keys of the input.
    touched : bool
        Follow the keys that were looked at in the input, changed or not (both have the same ``by``).
    """

    key: str = ""
    when: str = ""
    slice: str = ""
    through: str = ""
    prune: str = ""
    prune_by: str = ""
    covers: bool = False
    unique: bool = False
    touched: bool = False

    @property
    def is_select(self) -> bool:
        """Whether ``key`` is a SELECT of its own."""
        return bool(SELECT.match(self.key))

    @property
    def keys(self) -> tuple[str, ...]:
        """The key's expressions one by one, columns as quoted names."""
        parts = parse(f"SELECT {self.key}").expressions
        return tuple(name(part.name) if _is_column(part) else part.sql("duckdb") for part in parts)

    @property
    def narrows(self) -> bool:
        """Whether the input is cut to the touched keys."""
        return bool(self.through) or (bool(self.key) and not self.is_select)


def _is_column(part: exp.Expr) -> bool:
    return isinstance(part, exp.Column) and not part.table


def read_follows(found: Any, where: str) -> dict[str, Follow]:  # noqa: ANN401  # YAML
    """Return the part ``follows`` of a header: input -> key, or input -> {key, when, prune, covers, unique}.

    Raises
    ------
    TableError
        When it is no mapping, or names an unknown option.
    """
    if not isinstance(found, dict):
        raise TableError("follows is no mapping", where=where, fix="Write 'follows: {orders: customer_id}'")
    return {str(table): _follow(said, f"{where}, follows {table}") for table, said in found.items()}


def _follow(said: Any, where: str) -> Follow:  # noqa: ANN401  # YAML
    options = said if isinstance(said, dict) else {"key": said}
    for option, value in options.items():
        if option not in (*TEXTS, *FLAGS):
            raise TableError(f"unknown option {option!r}", where=where, fix=did_you_mean(str(option), (*TEXTS, *FLAGS)))
        if option in FLAGS and not isinstance(value, bool):
            raise TableError(f"{option} must be true or false, not {value!r}", where=where, fix="Correct it")
    texts: dict[str, Any] = {option: " ".join(str(options[option]).split()) for option in TEXTS if option in options}
    return Follow(**texts, **{option: options[option] for option in FLAGS if option in options})
