"""Why a row was refused, in the page's language."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

KINDS = (
    (r"the same key as (?P<what>.+)", gettext_lazy("the same key as %(what)s")),
    (r"no (?P<entity>\w+) has the key (?P<what>.+)", gettext_lazy("no %(entity)s has the key %(what)s")),
    (r"missing \((?P<what>.+) is empty\)", gettext_lazy("%(what)s is empty")),
    (r"missing \(no column is mapped to it\)", gettext_lazy("no column is mapped to it")),
    (r"not a number: (?P<what>.+)", gettext_lazy("not a number: %(what)s")),
    (r"not a date: (?P<what>.+)", gettext_lazy("not a date: %(what)s")),
    (r"out of range: (?P<what>.+)", gettext_lazy("out of range: %(what)s")),
    (r"no entity takes rows with (?P<what>.+)", gettext_lazy("no entity takes rows with %(what)s")),
)

ENTITIES = {
    "product": gettext_lazy("product"),
    "store": gettext_lazy("store"),
    "order": gettext_lazy("order"),
    "campaign": gettext_lazy("campaign"),
}


def reason(text: str | None, column: str | None) -> str:
    """Return why a row was refused, without the column it begins with; an unknown sentence stays as it is."""
    said = (text or "").removeprefix(f"{column}: ")
    for pattern, words in KINDS:
        found = re.fullmatch(pattern, said, re.DOTALL)
        if found:
            return str(words) % {name: _part(name, part) for name, part in found.groupdict().items()}
    return said


def _part(name: str, text: str) -> str:
    if name == "entity":
        return str(ENTITIES.get(text, text))
    return re.sub(r", line (\d+)$", lambda found: _(", line %(line)s") % {"line": found[1]}, text)
