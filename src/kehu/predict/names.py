"""What methods are called for people, in English and Chinese."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Name:
    """A name in English and Chinese."""

    en: str
    zh: str


METHODS: dict[str, Name] = {
    "lightgbm": Name("LightGBM", "LightGBM"),
    "logistic": Name("Logistic regression", "逻辑回归"),
    "bgnbd": Name("BG/NBD", "BG/NBD"),
    "bgnbd_gamma_gamma": Name("BG/NBD × Gamma-Gamma", "BG/NBD × Gamma-Gamma"),
    "recency_only": Name("Recency only", "仅看近度"),
    "same_as_last_period": Name("Same as last period", "与上期相同"),
    "own_rate": Name("Own rate so far", "自身历史水平"),
}


def method(code: str) -> Name:
    """Return the name of a learner or baseline; one that is not known is named after its code.

    Examples
    --------
    >>> method("recency_only").en, method("my_own").zh
    ('Recency only', 'My own')
    """
    words = code.replace("_", " ").capitalize()
    return METHODS.get(code) or Name(words, words)


def signed(value: float) -> str:
    """Return a figure with three digits, with a true minus sign where it is below zero and does not round to it.

    Examples
    --------
    >>> signed(-0.0881) == "\N{MINUS SIGN}0.088", signed(-0.0001)
    (True, '0.000')
    """
    text = f"{abs(value):.3f}"
    return text if value >= 0 or float(text) == 0 else f"\N{MINUS SIGN}{text}"
