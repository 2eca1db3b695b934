"""Numbered records: physical lines, whatever quotes, line ends and bytes do."""

from __future__ import annotations

import csv
import gzip
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kehu.base.errors import SourceError
from kehu.collect import encoding, records
from kehu.collect.encoding import encoding_of
from kehu.collect.records import Shape, number, opens


def numbered(tmp_path, content, encoding="utf-8", **shape):
    path, copy = tmp_path / "a.csv", tmp_path / "copy.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    found = number(path, copy, Shape(encoding, **shape))
    return found, copy.read_text(encoding="utf-8")


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_every_line_end_counts_once(tmp_path, ending):
    found, copy = numbered(tmp_path, ending.join(["a,b", "1,2", "", "3,4"]))

    assert (found.header, copy) == ("a,b", "2,1,2\n4,3,4\n")


def test_quoted_newlines_do_not_shift_later_lines(tmp_path):
    _, copy = numbered(tmp_path, 'a\n"x\ny ""z"""\n5" pipe\n"ok"\n')

    assert copy == '2,"x\ny ""z"""\n4,5" pipe\n5,"ok"\n'


def test_a_quote_that_never_closes_costs_its_own_line_only(tmp_path, monkeypatch):
    monkeypatch.setattr(records, "LONGEST_RECORD", 3)

    found, copy = numbered(tmp_path, "a\n" + '"open\n' + "".join(f"{n}\n" for n in range(6)))

    assert copy.split() == ["3,0", "4,1", "5,2", "6,3", "7,4", "8,5"]
    assert [(one.line, one.rule) for one in found.rejects] == [(2, "broken_quote")]


def test_blocks_join_without_seam(tmp_path, monkeypatch):
    content = 'a,b\n1,王芳\n"2\n2",x\n3,y'
    whole = numbered(tmp_path, content)[1]
    monkeypatch.setattr(encoding, "CHUNK", 5)

    assert numbered(tmp_path, content)[1] == whole


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "utf-16-be", "gb18030"])
def test_encodings_give_the_same_text(tmp_path, codec):
    mark = b"\xfe\xff" if codec == "utf-16-be" else b""
    found, copy = numbered(tmp_path, mark + "姓名,城市\n王芳,上海\n".encode(codec), codec.removesuffix("-sig"))

    assert (found.header, copy) == ("姓名,城市", "2,王芳,上海\n")


@pytest.mark.parametrize(
    ("text", "codec", "expected"),
    [
        ("id,name\n1,Ann\n", "ascii", "utf-8"),
        ("王芳", "utf-8", "utf-8"),
        ("王芳", "utf-16", "utf-16-le"),
        ("订单号,下单时间\n1,二〇一七年\n", "gb18030", "gb18030"),
        ("name\nMuñoz\nGarcía\nZoë\n", "cp1252", "cp1252"),
    ],
)
def test_encoding_is_found_by_looking(tmp_path, text, codec, expected):
    path = tmp_path / "a.csv"
    path.write_bytes(text.encode(codec))

    assert encoding_of(path) == expected


def test_bytes_of_no_encoding_are_named_by_line_and_offset(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"id\n1\n\x81\xff\n")

    with pytest.raises(SourceError, match=r"line 3: byte 0x81 at offset 5 is none of utf-8, gb18030, cp1252"):
        encoding_of(path)


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"", "0 bytes"), (b"PK\x03\x04...", "zip archive"), (b"\0\x01" * 50, "zero bytes")],
)
def test_what_is_no_text_is_refused(tmp_path, content, reason):
    with pytest.raises(SourceError, match=reason):
        numbered(tmp_path, content)


def test_broken_and_bombed_gzip_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(b"id\n1\n" * 1000)[:-20])
    with pytest.raises(SourceError, match="cut off"):
        number(path, tmp_path / "copy", Shape("utf-8"))

    monkeypatch.setattr(encoding, "_INFLATED_FREE", 1000)
    path.write_bytes(gzip.compress(b"0" * 1_000_000))
    with pytest.raises(SourceError, match="bomb"):
        number(path, tmp_path / "copy", Shape("utf-8"))


@given(st.lists(st.lists(st.text(alphabet='a,"\n ', max_size=4), min_size=2, max_size=2), min_size=1, max_size=6))
def test_no_record_is_lost_or_shifted(tmp_path_factory, rows):
    out = io.StringIO()
    writer, lines = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL), []
    for row in rows:
        lines.append(out.getvalue().count("\n") + 1)
        writer.writerow(row)

    _, copy = numbered(tmp_path_factory.mktemp("n"), out.getvalue(), header=False)

    assert list(csv.reader(io.StringIO(copy, newline=""))) == [
        [str(at), *row] for at, row in zip(lines, rows, strict=True)
    ]


def test_a_quote_opens_a_field_only_at_its_start():
    assert [opens(line, ",") for line in ('"a', 'a,"b', '5" pipe', '"a""', '"a",b', '"a","')] == [
        True,
        True,
        False,
        True,
        False,
        True,
    ]
