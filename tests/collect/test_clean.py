"""Clean stretches: read in place by a fast reader, with the same rows, numbers and rejects as the copy gives."""

from __future__ import annotations

from functools import partial

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kehu.base.errors import SourceError
from kehu.collect import delimited, encoding
from kehu.collect.clean import is_clean, numbers_of
from kehu.collect.connector import Stream
from kehu.collect.records import number

FIELDS = ["a", "王", "é", '"q"', '"x,y"', '"say ""hi"""', '""', "", " ", "5in", '5"', '"open', "two\rlines", "\0"]
LINES = st.lists(st.lists(st.sampled_from(FIELDS[:9]) | st.sampled_from(FIELDS), min_size=1, max_size=3), max_size=12)


def read(folder, content, codec="utf-8", *, fast):
    path, scratch = folder / "a.csv", folder / "scratch"
    scratch.mkdir(exist_ok=True)
    path.write_bytes(content)
    stream = Stream("a", "csv", encoding=codec, delimiter=",", header=True)
    with duckdb.connect(config={"threads": 1}) as connection, pytest.MonkeyPatch.context() as patch:
        patch.setattr(delimited, "number", partial(counted, fast=fast))
        patch.setattr(encoding, "CHUNK", 24)
        try:
            reading = delimited.Delimited().read(path, stream, connection, scratch)
        except SourceError as refused:  # a few letters may look like no text at all
            return str(refused)
        rows = connection.execute(reading.select).fetchall()
        rejects = [*reading.rejects, *reading.late.rejects]
        found = connection.execute(reading.rejects_select).fetchall()
    broken = {(one.line, one.rule, one.text) for one in rejects} | {(line, rule, text) for line, rule, _, text in found}
    written = reading.written + reading.late.written
    has_pieces = any(line == 0 for line, *_ in found)
    if has_pieces or written != len(rows) + reading.late.rejected + len(found):
        return None  # quotes that do not pair up: the landing refuses the file
    return sorted(rows, key=str), broken, written


def counted(path, copy, shape, *, fast, leave=False):
    return number(path, copy, shape, leave=leave and fast)


@settings(max_examples=60, deadline=None)
@example([['"open'], ['"q"'], ['5"']], "\n", "utf-8", b"")
@example([["a", "a", '"open'], ["a", '"x,y"', '"say ""hi"""'], ["a", "王"], ["a", "a", '"open']], "\r\n", "utf-8", b"")
@given(LINES, st.sampled_from(["\n", "\r\n"]), st.sampled_from(["utf-8", "gb18030", "cp1252"]), st.binary(max_size=2))
def test_law_the_fast_way_reads_what_the_copy_gives(tmp_path_factory, lines, ending, codec, junk):
    text = ending.join(["name,city,note", *(",".join(line) for line in lines)])
    content = text.encode(codec, errors="replace") + b"\n" + junk + b"\n1,2,3\n"

    fast, slow = (read(tmp_path_factory.mktemp("read"), content, codec, fast=fast) for fast in (True, False))

    assert slow is None or isinstance(slow, str) or fast == slow


def test_clean_stretches_are_not_copied_and_keep_their_line_numbers(tmp_path, monkeypatch):
    monkeypatch.setattr(encoding, "CHUNK", 24)
    path, copy = tmp_path / "a.csv", tmp_path / "copy.csv"
    body = "".join(f"{n},Ann\n" for n in range(2, 40))
    path.write_text(f'id,name\n{body}40,"two\nlines"\n\n43,Bob\n44,Bob\n45,Bob\n46,Bob\n', encoding="utf-8")
    shape = delimited.Shape("utf-8")

    found = number(path, copy, shape, leave=True)

    left = {int(n) for span in found.spans for n in numbers_of(text_of(span), span.line)}
    copied = {int(line.split(",")[0]) for line in copy.read_text(encoding="utf-8").splitlines() if line[0].isdigit()}
    assert len(left) > 30
    assert 40 in copied
    assert left | copied == {*range(2, 41), 43, 44, 45, 46}


def text_of(span):
    return span.path.read_bytes()[span.at :][: span.size]


def test_quotes_that_do_not_pair_up_refuse_the_file(shop):
    shop.write("a.csv", 'name,city,note\n"open\n"q"\n5"\n1,2,3\n')

    with pytest.raises(SourceError, match=r"quotes do not pair up|malformed"):
        shop.land(file="*.csv", delimiter=",")


def test_a_delimiter_too_many_is_judged_as_ever(tmp_path):
    body = "".join(f"{n},Ann,\n" for n in range(30)) + "x\n1,2,3\n"

    fast, slow = (read(tmp_path, b"id,name\n" + body.encode(), fast=fast) for fast in (True, False))

    assert fast == slow
    assert len(fast[0]) == 30
    assert {text for *_, text in fast[1]} == {"x", "1,2,3"}


@pytest.mark.parametrize("data", [b'1,"a"', b'"",x', b'"a""b",2\r\n"c",d', b'"""a""",b', b"1,2\n\n3,4\r"])
def test_lines_that_all_readers_split_alike_are_clean(data):
    assert is_clean(data, ",")


@pytest.mark.parametrize(
    "data",
    [b'5" pipe', b'"a"x,b', b'"a\nb"', b'""a",b', b' "a",b', b"a\rb\n", b"\0", b'"', b"\xef\xbb\xbfa", b"x" * 500_000],
)
def test_lines_that_readers_split_differently_are_not_clean(data):
    assert not is_clean(data, ",")
