"""What one system knows about a person: the exact keys of a record and the truth about whose it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kehu.demo.people import Person


@dataclass(frozen=True)
class Known:
    """A record of some system: who it is in truth, and the correctly written keys it carries."""

    source: str
    source_key: str
    person: Person
    email: str = ""
    phone: str = ""
    card: str = ""

    @property
    def keys(self) -> frozenset[str]:
        """Keys by which a record may be joined to others; a phone shared in the household is none."""
        shared = self.person.has_partner and self.person.shares_phone
        return frozenset(key for key in (self.email, "" if shared else self.phone, self.card) if key)


def islands(records: Sequence[Known]) -> list[list[Known]]:
    """Return the records of ONE person, grouped by chains of equal keys, the largest group first."""
    groups: list[tuple[set[str], list[Known]]] = []
    for record in records:
        keys, members = set(record.keys), [record]
        apart = []
        for group in groups:
            if group[0] & keys:
                keys |= group[0]
                members = group[1] + members
            else:
                apart.append(group)
        groups = [*apart, (keys, members)]
    return sorted((members for _, members in groups), key=lambda group: (-len(group), group[0].source_key))
