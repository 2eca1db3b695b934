"""Compiles ``.po`` catalogs to ``.mo`` without the gettext tools.

The layout of a ``.mo`` file: https://www.gnu.org/software/gettext/manual/html_node/MO-Files.html
"""

from __future__ import annotations

import ast
import struct
from pathlib import Path

MAGIC = 0x950412DE


def read_po(text: str) -> dict[str, str]:
    """Return ``key -> translation`` of the finished entries; fuzzy and empty ones are left out."""
    messages: dict[str, str] = {}
    for block in text.replace("\r\n", "\n").split("\n\n"):
        lines = block.split("\n")
        if any(line.startswith("#,") and "fuzzy" in line for line in lines):
            continue
        fields = _fields(lines)
        if fields.get("msgstr") or fields.get("msgstr[0]"):
            messages[_key(fields)] = fields.get("msgstr") or fields["msgstr[0]"]
    return messages


def _fields(lines: list[str]) -> dict[str, str]:
    fields: dict[str, str] = {}
    name = ""
    for line in lines:
        if line.startswith('"'):
            fields[name] += ast.literal_eval(line)
        elif line.startswith("msg"):
            name, _, value = line.partition(" ")
            fields[name] = ast.literal_eval(value)
    return fields


def _key(fields: dict[str, str]) -> str:
    key = fields["msgid"]
    if "msgid_plural" in fields:
        key += "\0" + fields["msgid_plural"]
    return f"{fields['msgctxt']}\x04{key}" if "msgctxt" in fields else key


def mo_bytes(messages: dict[str, str]) -> bytes:
    """Return the catalog as a little-endian ``.mo`` file, keys sorted as its readers expect."""
    pairs = sorted((key.encode(), value.encode()) for key, value in messages.items())
    start = 28
    offset = start + 16 * len(pairs)
    tables: list[bytes] = []
    blob = b""
    for side in (0, 1):
        for pair in pairs:
            tables.append(struct.pack("<II", len(pair[side]), offset + len(blob)))
            blob += pair[side] + b"\0"
    header = struct.pack("<7I", MAGIC, 0, len(pairs), start, start + 8 * len(pairs), 0, offset)
    return header + b"".join(tables) + blob


def compile_all(folder: Path) -> list[Path]:
    """Write a ``.mo`` beside every ``.po`` below ``folder`` and return the files written."""
    written = []
    for po in sorted(folder.rglob("*.po")):
        target = po.with_suffix(".mo")
        target.write_bytes(mo_bytes(read_po(po.read_text(encoding="utf-8"))))
        written.append(target)
    return written


if __name__ == "__main__":
    compile_all(Path(__file__).parent / "locale")
