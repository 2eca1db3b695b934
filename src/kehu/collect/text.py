"""Text files as blocks of decoded lines: bounded memory, bad bytes pinned to their line."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kehu.base.errors import SourceError
from kehu.collect.encoding import bom_of, chunks

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LONGEST_LINE = 64 << 20  # bytes; a table has no such line, and reading on would fill the memory


@dataclass(frozen=True)
class Block:
    """Whole lines of a text file, as bytes.

    Attributes
    ----------
    data : bytes
        The lines without the last LF.
    encoding : str
        What the bytes are in.
    at : int
        Where they begin in the file.
    skip : int
        Bytes of a byte order mark before the first line.
    in_place : bool
        True when the file holds these bytes at that place.
    """

    data: bytes
    encoding: str
    at: int
    skip: int = 0
    in_place: bool = False

    def text(self) -> tuple[str, dict[int, str]]:
        """Return the lines as text, and the faulty ones: index -> what cannot be decoded; these hold an escape.

        CR LF ends a line; any other CR becomes a space and NUL vanishes, since no reader agrees about them.
        """
        return _decoded(self.data, self.encoding, self.at, self.skip)


def blocks(path: Path, encoding: str) -> Iterator[Block]:
    """Yield a text file's lines in bounded blocks.

    A byte order mark is dropped and decides against ``encoding``. In files without LF a CR ends a line.

    Raises
    ------
    SourceError
        When the file is empty (0 bytes), is no text, has a line of more than 64 MB, or is undecodable UTF-16.
    """
    start = next(chunks(path), b"")
    marked, skip = bom_of(start)
    encoding = marked or encoding
    _refuse_binary(path, start, encoding)
    pieces, in_place = chunks(path), path.suffix.lower() != ".gz"
    if encoding.lower().replace("_", "-").startswith("utf-16"):
        pieces, encoding, skip = _from_utf16(path, pieces, encoding), "utf-8", 3 if marked else 0
        in_place = False
    only_cr = b"\r" in start and b"\n" not in start
    in_place = in_place and not only_cr
    rest, offset = b"", 0
    for piece in pieces:
        whole = rest + (piece.replace(b"\r", b"\n") if only_cr else piece)
        cut = whole.rfind(b"\n")
        if cut < 0 and len(whole) > LONGEST_LINE:
            raise SourceError(
                "a line is longer than 64 MB: this is no table of text", where=str(path), fix="Check the file"
            )
        if cut >= 0:
            yield Block(whole[:cut], encoding, offset, skip, in_place)
            offset, skip = offset + cut + 1, 0
        rest = whole[cut + 1 :]
    if rest:
        yield Block(rest, encoding, offset, skip, in_place)


def _refuse_binary(path: Path, start: bytes, encoding: str) -> None:
    if not start:
        fix = "Export it again, or take it out of the folder"
        raise SourceError("the file is empty (0 bytes)", where=str(path), fix=fix)
    if start.startswith(b"PK\x03\x04"):
        fix = "Give it its own ending (.xlsx), or unpack the archive first"
        raise SourceError("this is a zip archive or an Excel workbook, no text", where=str(path), fix=fix)
    if not encoding.lower().startswith("utf-16") and start.count(b"\0") * 10 > len(start):
        fix = "If it is UTF-16 without a byte order mark, write encoding: utf-16-le in the mapping"
        raise SourceError("this is no text file (it is full of zero bytes)", where=str(path), fix=fix)


def _from_utf16(path: Path, pieces: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    decoder, seen = codecs.getincrementaldecoder(encoding)(), 0
    try:
        for piece in pieces:
            yield decoder.decode(piece).encode()
            seen += len(piece)
        decoder.decode(b"", final=True)
    except (UnicodeDecodeError, UnicodeEncodeError) as error:
        what = f"cannot be decoded as {encoding} near byte {seen}: {error.reason}"
        raise SourceError(what, where=str(path), fix="Save the file as UTF-8") from error


def _decoded(block: bytes, encoding: str, offset: int, skip: int) -> tuple[str, dict[int, str]]:
    faults: dict[int, str] = {}
    try:
        text = block[skip:].decode(encoding)
    except UnicodeDecodeError:
        lines = []
        for index, line in enumerate(block[skip:].split(b"\n")):
            try:
                lines.append(line.decode(encoding))
            except UnicodeDecodeError as error:
                at = offset + skip + error.start
                faults[index] = f"byte 0x{line[error.start]:02x} at offset {at} is not {encoding}"
                lines.append(line.decode("ascii", errors="backslashreplace"))
            offset += len(line) + 1
        text = "\n".join(lines)
    if "\r" in text:
        text = text.replace("\r\n", "\n").removesuffix("\r").replace("\r", " ")
    return text.replace("\0", "") if "\0" in text else text, faults
