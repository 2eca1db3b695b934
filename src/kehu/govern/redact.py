"""What the audit log may keep of SQL that a person typed: its shape, not the names in it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

DIGITS = 6  # a number of six digits or more may be a phone, a card or an id; 2017 and 0.95 are not
WORDS = (exp.Var, exp.Anonymous, exp.DataType, exp.Placeholder)  # whose text is syntax, not a value
SUBJECT = re.compile(r"[a-z_]+(:[A-Za-z0-9_.-]{1,80})?")


def redacted(sql: str, fingerprint: Callable[[str], str], known: Collection[str] = ()) -> str:
    """Return ``sql`` with values replaced by keyed hashes: ``WHERE email = '#5f0c...'``.

    Parameters
    ----------
    sql : str
        Any text; one that is no SQL is kept as its hash alone.
    fingerprint : callable
        A keyed hash, so that the log can be searched for a value and no value can be guessed from it.
    known : collection of str
        Names of tables and columns in lower case; other quoted names may be values in the wrong quotes.
    """
    unreadable = f"unreadable #{fingerprint(sql)}"
    try:
        trees = [tree for tree in sqlglot.parse(sql[:50_000], read="duckdb") if tree is not None]
        if not trees or any(tree.find(exp.Command) for tree in trees):
            return unreadable
        for tree in trees:
            _hide(tree, fingerprint, known)
        return "; ".join(tree.sql("duckdb", comments=False) for tree in trees)
    except (SqlglotError, RecursionError):
        return unreadable


def subject(text: str, fingerprint: Callable[[str], str]) -> str:
    """Return ``kind:id`` as it is, and what people typed (``search:...``) as a keyed hash."""
    if SUBJECT.fullmatch(text) and not text.startswith("search:"):
        return text
    kind, colon, value = text.partition(":")
    if colon and kind.isidentifier() and kind.isascii():
        return f"{kind}:#{fingerprint(value)}"
    return f"#{fingerprint(text)}" if text else ""


def _hide(tree: exp.Expr, fingerprint: Callable[[str], str], known: Collection[str]) -> None:
    made = {node.alias.lower() for node in tree.find_all(exp.Alias, exp.CTE, exp.TableAlias) if node.alias}
    for node in list(tree.walk()):
        text = node.this
        if not isinstance(text, str) or isinstance(node, WORDS):
            continue
        if isinstance(node, exp.Identifier):
            if node.args.get("quoted") and text.lower() not in known and text.lower() not in made:
                node.set("this", f"#{fingerprint(text)}")
        elif not _is_small_number(node):
            node.replace(exp.Literal.string(f"#{fingerprint(text)}"))


def _is_small_number(node: exp.Expr) -> bool:
    is_number = isinstance(node, exp.Literal) and not node.is_string
    return is_number and len(re.sub(r"\D", "", node.name)) < DIGITS
