"""Records of a text file, numbered by physical line: clean stretches in place, the rest as a UTF-8 copy."""

from __future__ import annotations

import codecs
import errno
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kehu.base.errors import LakeError, SourceError
from kehu.collect.clean import LONGEST_TEXT, Span, is_clean
from kehu.collect.connector import Reject
from kehu.collect.text import blocks

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO

    from kehu.collect.text import Block

LONGEST_RECORD = 1000  # lines; a quote that stays open for longer was never meant to open


@dataclass(frozen=True)
class Shape:
    """How records are told apart.

    Attributes
    ----------
    encoding : str
        A Python codec; a byte order mark wins over it.
    delimiter : str
        Between fields; also put behind the line number in the copy.
    quoted : bool
        True when a field in double quotes may hold newlines.
    header : bool
        True when the first record names the columns.
    """

    encoding: str
    delimiter: str = ","
    quoted: bool = True
    header: bool = True


@dataclass
class Records:
    """What numbering found.

    Attributes
    ----------
    header : str
        The first record, when the shape says that it names the columns.
    written : int
        Records in the copy.
    multiline : bool
        True when some record spans lines.
    rejects : list of Reject
        Undecodable lines and quotes that never close.
    spans : list of Span
        Clean stretches that the copy leaves out.
    """

    header: str = ""
    written: int = 0
    multiline: bool = False
    rejects: list[Reject] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)


def number(path: Path, copy: Path, shape: Shape, *, limit: int = 0, leave: bool = False) -> Records:
    """Write a UTF-8 copy of a text file, each record behind its line number; return what was found.

    The number is the physical line (1-based, header included) on which the record begins, right also behind quoted
    newlines and blank lines (which are no records).

    A line with an undecodable byte is rejected alone, whether the mapping or looking named the encoding: either
    holds for the file, so one bad line is a fault of that line. Many of them are the caller's reason to refuse.

    Parameters
    ----------
    path, copy : Path
        The file, and where its copy goes.
    shape : Shape
        How records are told apart.
    limit : int
        Stop after about this many records (looking needs no more); 0 reads all.
    leave : bool
        Leave clean stretches behind the first block out of the copy: the caller reads them by another way.

    Raises
    ------
    SourceError
        When the file is empty (0 bytes) or no text.
    LakeError
        When the disk is full.
    """
    try:
        with copy.open("wb", buffering=1 << 20) as out:
            splitter = _Splitter(path, shape, out)
            for block in blocks(path, shape.encoding):
                if not leave or block.at == 0 or not splitter.left(block, copy.with_suffix(".plain")):
                    splitter.feed(*block.text())
                if limit and splitter.found.written >= limit:
                    return splitter.found
            splitter.end()
    except OSError as error:
        if error.errno == errno.ENOSPC:
            where, fix = str(copy.parent), "Free some space and run again; nothing was landed"
            raise LakeError("the disk is full", where=where, fix=fix) from error
        raise
    return splitter.found


def opens(line: str, delimiter: str) -> bool:
    """Return True when a line ends inside a quoted field.

    A quote opens a field only at the field's start: ``5" pipe`` opens nothing.
    """
    at = 0
    while at >= 0:
        if line.startswith('"', at):
            at = line.find('"', at + 1)
            while at >= 0 and line.startswith('"', at + 1):
                at = line.find('"', at + 2)
            if at < 0:
                return True
        at = line.find(delimiter, at)
        at = at + len(delimiter) if at >= 0 else -1
    return False


class _Splitter:
    """Holds the record that is still open between two blocks."""

    def __init__(self, path: Path, shape: Shape, out: BinaryIO) -> None:
        self.found = Records()
        self._path, self._shape, self._out = path, shape, out
        self._line, self._begun = 1, 0
        self._open: list[str] = []
        self._faults: dict[int, str] = {}
        self._wants_header = shape.header

    def left(self, block: Block, plain: Path) -> bool:
        """Return True when a block is clean and needs no copy; one that is no UTF-8 goes to ``plain`` as such."""
        shape = self._shape
        if self._open or self._wants_header or len(shape.delimiter.encode()) > 1:
            return False
        try:
            data, in_place = _utf8(block)
        except UnicodeError:
            return False
        if not is_clean(data, shape.delimiter, quoted=shape.quoted):
            return False
        if not in_place:
            with plain.open("ab") as out:
                at = out.tell()
                out.write(data)
        path, at = (self._path, block.at) if in_place else (plain, at)
        self.found.spans.append(Span(path, at, len(data), self._line))
        self._line += data.count(b"\n") + 1
        return True

    def feed(self, text: str, faults: dict[int, str]) -> None:
        lines = text.split("\n")
        first, self._line = self._line, self._line + len(lines)
        self._faults.update({first + index: reason for index, reason in faults.items()})
        if self._faults or (len(text) > LONGEST_TEXT and max(map(len, lines)) > LONGEST_TEXT):
            self._take_all(lines, first)
            return
        odd = []
        if self._shape.quoted and '"' in text:
            odd = [at for at, line in enumerate(lines) if line.count('"') & 1]
        at = 0
        for stop in (*odd, len(lines)):  # only records that may go on behind their line are looked at one by one
            while at < stop and (self._open or self._wants_header):
                self._take(first + at, lines[at])
                at += 1
            self._copy(lines[at:stop], first + at)
            self._take_all(lines[stop : stop + 1], first + stop)
            at = stop + 1

    def _take_all(self, lines: list[str], first: int) -> None:
        for number, line in enumerate(lines, first):
            self._take(number, line)

    def _copy(self, lines: list[str], first: int) -> None:
        delimiter = self._shape.delimiter
        records = [f"{number}{delimiter}{line}\n" for number, line in enumerate(lines, first) if line]
        self.found.written += len(records)
        self._write("".join(records))

    def end(self) -> None:
        while self._open:
            self._give_up()

    def _take(self, number: int, line: str) -> None:
        odd = self._shape.quoted and line.count('"') % 2 == 1
        if self._open:
            self._open.append(line)
            if odd:
                record, self._open = "\n".join(self._open), []
                self.found.multiline = True
                self._emit(self._begun, record, number)
            elif len(self._open) > LONGEST_RECORD:
                self._give_up()
        elif odd and opens(line, self._shape.delimiter):
            self._begun, self._open = number, [line]
        elif line:
            self._emit(number, line, number)

    def _give_up(self) -> None:
        lines, begun, self._open = self._open, self._begun, []
        self.found.rejects.append(Reject(begun, "broken_quote", "a quote opens here and never closes", lines[0]))
        for number, line in enumerate(lines[1:], begun + 1):
            self._take(number, line)

    def _emit(self, number: int, record: str, last: int) -> None:
        fault = next((self._faults.pop(at) for at in range(number, last + 1) if at in self._faults), "")
        if self._wants_header:
            self._wants_header = False
            self.found.header = record
            if fault:
                fix = "Save the file as UTF-8, or name its encoding in the mapping (encoding: ...)"
                raise SourceError(f"the header cannot be read: {fault}", where=f"{self._path}, line {number}", fix=fix)
        elif len(record) > LONGEST_TEXT:
            reason = f"{len(record)} characters, more than {LONGEST_TEXT}"
            self.found.rejects.append(Reject(number, "too_long", reason, record[:1000]))
        elif fault:
            self.found.rejects.append(Reject(number, "undecodable", fault, record))
        else:
            self.found.written += 1
            self._write(f"{number}{self._shape.delimiter}{record}\n")

    def _write(self, text: str) -> None:
        self._out.write(text.encode(errors="backslashreplace"))


def _utf8(block: Block) -> tuple[bytes, bool]:
    """Return a block's lines as UTF-8, and whether its file holds these very bytes."""
    if codecs.lookup(block.encoding).name == "utf-8":
        block.data.decode()
        return block.data, block.in_place
    text, faults = block.text()
    if faults:
        raise UnicodeError("some lines cannot be decoded")
    return text.encode(), False
