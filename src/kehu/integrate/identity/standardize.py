"""Values as sources write them, as keys that can be compared; one call per distinct value, never per row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from kehu.integrate.identity.address import address, town
from kehu.integrate.identity.name import name

if TYPE_CHECKING:
    from collections.abc import Iterable


def name_part(names: Iterable[tuple[str, str, str]]) -> pa.Table:
    """Return one row per distinct name: (full_name, first_name, last_name) and its comparison keys."""
    keys = ("given_key", "family_key", "given_sound", "family_sound", "given_roots", "suffix", "given_kind")
    rows = [
        (full, first, last, p.given, p.family, p.given_sound, p.family_sound, p.roots, p.suffix, p.kind)
        for full, first, last in names
        for p in (name(full, first, last),)
    ]
    columns = list(zip(*rows, strict=True)) or [()] * 10
    types = [pa.string()] * 7 + [pa.list_(pa.string()), pa.string(), pa.string()]
    arrays = [pa.array(column, kind) for column, kind in zip(columns, types, strict=True)]
    return pa.table(dict(zip(("full_name", "first_name", "last_name", *keys), arrays, strict=True)))


def address_part(addresses: Iterable[str]) -> pa.Table:
    """Return one row per distinct address text: address_text, house_number, street, city and postcode."""
    texts = list(addresses)
    parts = [(*address(text), *town(text)) for text in texts]
    columns = list(zip(*parts, strict=True)) or [()] * 4
    values = [pa.array([value or None for value in column], pa.string()) for column in columns]
    names = ("house_number", "street", "city", "postcode")
    return pa.table({"address_text": pa.array(texts, pa.string()), **dict(zip(names, values, strict=True))})
