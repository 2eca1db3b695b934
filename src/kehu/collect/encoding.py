"""Which encoding a text file is in, and its bytes without compression."""

from __future__ import annotations

import codecs
import hashlib
import zlib
from itertools import chain
from typing import TYPE_CHECKING

from kehu.base.errors import SourceError
from kehu.collect.guess import guesses

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CHUNK = 4 << 20
BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_INFLATED_FREE, _INFLATED_RATIO = 200 << 20, 200  # a bomb inflates about 1,000:1, a real table rarely 30:1
_SAMPLE = 200_000  # bytes; chardet reads no more


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, as hexadecimal text."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def chunks(path: Path) -> Iterator[bytes]:
    """Yield a file's bytes in bounded pieces; ``.gz`` files inflated.

    Raises
    ------
    SourceError
        When a compressed file is broken, cut off, or inflates beyond all measure.
    """
    if path.suffix.lower() == ".gz":
        yield from _inflated(path)
        return
    with path.open("rb") as file:
        while piece := file.read(CHUNK):
            yield piece


def _inflated(path: Path) -> Iterator[bytes]:
    size, out = path.stat().st_size, 0
    inflate, fed = zlib.decompressobj(31), False
    with path.open("rb") as file:
        while piece := file.read(CHUNK // 4):
            while piece:
                try:
                    data = inflate.decompress(piece, CHUNK)
                except zlib.error as error:
                    raise SourceError(
                        f"not a whole gzip file: {error}", where=str(path), fix="Export it again"
                    ) from error
                out, fed = out + len(data), True
                if out > _INFLATED_FREE and out > _INFLATED_RATIO * size:
                    fix = "If it is genuine, give the file uncompressed"
                    raise SourceError("inflates more than 200 times: refused as a bomb", where=str(path), fix=fix)
                if data:
                    yield data
                piece = inflate.unconsumed_tail
                if inflate.eof:
                    piece, inflate, fed = inflate.unused_data.lstrip(b"\0"), zlib.decompressobj(31), False
    if fed and not inflate.eof:
        raise SourceError("the gzip file is cut off", where=str(path), fix="Export or copy it again")


def bom_of(start: bytes) -> tuple[str, int]:
    """Return (encoding, length) of a byte order mark; ("", 0) when there is none."""
    for mark, encoding in BOMS:
        if start.startswith(mark):
            return encoding, len(mark)
    return "", 0


def encoding_of(path: Path) -> str:
    """Return the encoding a file reads in: byte order mark, UTF-8, else what its lines beyond ASCII look like.

    The whole file reads in it, with one exception: where most lines beyond ASCII are UTF-8, the file is UTF-8
    and the others are faults, which landing sets aside.

    Raises
    ------
    SourceError
        When none fits: names line and byte of the first place that is not in the likeliest one, and the fix.
    """
    start = next(chunks(path), b"")
    if (marked := bom_of(start)[0]) or not start:
        return marked or "utf-8"
    if _decodes(path, "utf-8"):
        return "utf-8"
    order = guesses(_beyond_ascii(path))
    for encoding in order:
        if encoding == "utf-8" or _decodes(path, encoding):
            return encoding
    line, offset, byte = first_undecodable(path, order[0])
    fix = "Correct it, save as UTF-8, or name the encoding in the mapping (encoding: ...), which sets such lines aside"
    what = f"byte 0x{byte:02x} at offset {offset} is none of {', '.join(('utf-8', *order))}"
    raise SourceError(what, where=f"{path}, line {line}", fix=fix)


def encoding_fix(path: Path, told: str, mapping: str) -> str:
    """Return what to do about a file of which many lines are not in the encoding that its mapping told."""
    try:
        found = encoding_of(path)
    except SourceError:
        found = ""
    if found and told and codecs.lookup(found).name != told:
        return f"The file reads as {found}: write that as encoding in {mapping}"
    return "No encoding reads all of its lines: export it again, best as UTF-8"


def _beyond_ascii(path: Path) -> list[bytes]:
    """Return the first 200 kB of lines that hold a byte beyond ASCII, wherever in the file they are."""
    lines, size, rest = [], 0, b""
    for piece in chain(chunks(path), (b"\n",)):
        rest += piece
        cut = max(rest.rfind(b"\n"), rest.rfind(b"\r")) + 1
        cut = cut or (len(rest) if len(rest) > CHUNK else 0)
        whole, rest = rest[:cut], rest[cut:]
        for line in () if whole.isascii() else whole.splitlines():
            if not line.isascii():
                lines.append(line)
                size += len(line)
            if size >= _SAMPLE:
                return lines
    return lines


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for piece in chunks(path):
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def first_undecodable(path: Path, encoding: str) -> tuple[int, int, int]:
    """Return (line, byte offset, byte) of the first place that is not in this encoding; line 0 when all is."""
    decoder, line, offset, rest = codecs.getincrementaldecoder(encoding)(), 1, 0, b""
    for piece in chunks(path):
        try:
            decoder.decode(piece)
        except UnicodeDecodeError as error:
            whole = error.object
            before = offset + len(piece) - len(whole)
            line += piece[: max(0, error.start - (len(whole) - len(piece)))].count(b"\n")
            return line, before + error.start, whole[error.start]
        line, offset, rest = line + piece.count(b"\n"), offset + len(piece), piece[-1:]
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        return line, offset - len(error.object), error.object[0]
    return 0, 0, rest[0] if rest else 0
