"""Bounds what a function of typed SQL may cost: a statement is stopped between rows, never inside one value."""

from __future__ import annotations

from sqlglot import exp

LETTERS = 1_000  # of either text; names, addresses and subjects are shorter
SQUARE = frozenset({"levenshtein", "damerau_levenshtein", "jaro_similarity", "jaro_winkler_similarity"})


def bound(tree: exp.Expr) -> None:
    """Let functions whose cost grows with the square of their texts see the first 1,000 letters; changes ``tree``.

    Two texts of 300,000 letters, made by ``string_agg``, kept one call busy for minutes or with gigabytes.
    """
    for call in list(tree.find_all(exp.Func)):
        name = call.name.lower() if isinstance(call, exp.Anonymous) else call.sql_name().lower()
        if name in SQUARE or isinstance(call, (exp.Levenshtein, exp.JarowinklerSimilarity)):
            for text in [child for child in call.iter_expressions() if isinstance(child, exp.Expr)]:
                text.replace(exp.Left(this=text.copy(), expression=exp.Literal.number(LETTERS)))
