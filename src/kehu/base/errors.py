"""Errors that say what went wrong, where, and what to do about it."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class KehuError(Exception):
    """A failure the user can act on.

    Parameters
    ----------
    what : str
        What went wrong, one sentence without a full stop.
    where : str, optional
        File, line, table, column or count that the failure concerns.
    fix : str, optional
        What the user should do now.
    """

    def __init__(self, what: str, *, where: str = "", fix: str = "") -> None:
        super().__init__(what)
        self.what, self.where, self.fix = what, where, fix

    def __str__(self) -> str:
        text = f"{self.where}: {self.what}" if self.where else self.what
        return f"{text}. {self.fix}" if self.fix else text

    def as_dict(self) -> dict[str, str]:
        """Return the error as one JSON-ready mapping: kind, what, where, fix."""
        return {"error": type(self).__name__, "what": self.what, "where": self.where, "fix": self.fix}


class SettingsError(KehuError):
    """A project file (kehu.toml, policy.yml, a mapping) cannot be used as written."""


class SourceError(KehuError):
    """A source cannot be read: missing, unreadable, broken or empty."""


class MappingError(KehuError):
    """A mapping names a column, field or transform that does not exist."""


class TableError(KehuError):
    """A table file is wrong, or its SQL or checks failed."""


class QueryError(KehuError):
    """SQL typed by a person is refused or fails."""


class AccessError(KehuError):
    """The actor may not do this."""


class LakeError(KehuError):
    """The warehouse cannot be opened, locked or written."""


class BackupError(KehuError):
    """A backup cannot be made, is damaged, or cannot be opened with this key."""


class ScorerError(KehuError):
    """A scorer cannot be trained, evaluated or published."""


class JobError(KehuError):
    """A job or schedule cannot be queued, found or changed."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ``"did you mean 'x'?"`` for the closest known word, or an empty string.

    Examples
    --------
    >>> did_you_mean("custmer", ["customer", "orders"])
    "Did you mean 'customer'?"
    """
    close = get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"Did you mean {close[0]!r}?" if close else ""
