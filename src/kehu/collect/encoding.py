"""Which encoding a text file is in, and its bytes without compression."""

from __future__ import annotations

import codecs
import hashlib
import re
import zlib
from typing import TYPE_CHECKING

from kehu.base.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CHUNK = 4 << 20
BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
GUESSES = ("utf-8", "gb18030", "cp1252")
_INFLATED_FREE, _INFLATED_RATIO = 200 << 20, 200  # a bomb inflates about 1,000:1, a real table rarely 30:1
_DOUBLE = re.compile(rb"[\x81-\xfe][\x40-\x7e\x80-\xfe]")


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
    """Return the encoding a whole file reads in: byte order mark, UTF-8, GB18030, then cp1252.

    GB18030 also accepts much Western text ("Muñoz" in cp1252 is valid GB18030). Chinese text is made of two high
    bytes each, Western text of single high bytes before a letter: where most pairs are of the second kind and
    cp1252 reads the file, it is cp1252.

    Raises
    ------
    SourceError
        When none fits: names line and byte of the first undecodable place in UTF-8 and the fix.
    """
    start = next(chunks(path), b"")
    if (marked := bom_of(start)[0]) or not start:
        return marked or "utf-8"
    order = ("utf-8", "cp1252", "gb18030") if _is_western(start) else GUESSES
    for encoding in order:
        if _decodes(path, encoding):
            return encoding
    line, offset, byte = first_undecodable(path, "utf-8")
    fix = "Save the file as UTF-8, or name its encoding in the mapping (encoding: ...)"
    what = f"byte 0x{byte:02x} at offset {offset} is none of {', '.join(GUESSES)}"
    raise SourceError(what, where=f"{path}, line {line}", fix=fix)


def _is_western(start: bytes) -> bool:
    pairs = _DOUBLE.findall(start)
    return sum(1 for pair in pairs if pair[1] >= 0xA1) * 2 < len(pairs)


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
