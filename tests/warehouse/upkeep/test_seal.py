from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kehu.base.errors import BackupError
from kehu.warehouse.upkeep import seal as module
from kehu.warehouse.upkeep.seal import CHUNK, SALT, TAG, Seal, key_of, read_key

KEY, OTHER = bytes(range(32)), bytes(32)
LONG = bytes(range(256)) * 4096 * 2 + b"end"  # two chunks and a bit


def _shut(content: bytes, key: bytes = KEY) -> bytes:
    return b"".join(Seal(key).shut(io.BytesIO(content)))


def _opened(stored: bytes, key: bytes = KEY) -> bytes:
    return b"".join(Seal(key).open(io.BytesIO(stored), "here"))


@given(content=st.binary(max_size=200), key=st.sampled_from([KEY, b""]))
def test_what_was_shut_opens_to_the_same(content: bytes, key: bytes) -> None:
    assert _opened(_shut(content, key), key) == content


@pytest.mark.parametrize("size", [0, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK])
def test_every_length_around_a_chunk_comes_back(size: int) -> None:
    assert _opened(_shut(LONG[:size])) == LONG[:size]


def test_equal_contents_are_stored_differently_and_named_by_the_key() -> None:
    digest = "ab" * 32

    assert _shut(b"same") != _shut(b"same")
    assert Seal().name(digest) == digest
    assert len({digest, Seal(KEY).name(digest), Seal(OTHER).name(digest)}) == 3
    assert b"same" not in _shut(b"same")


@pytest.mark.parametrize("place", [0, SALT, SALT + 10, SALT + CHUNK + TAG + 5, -1])
def test_a_flipped_bit_anywhere_is_refused(place: int) -> None:
    stored = bytearray(_shut(LONG))
    stored[place] ^= 1

    with pytest.raises(BackupError, match="changed or cut"):
        _opened(bytes(stored))


def test_chunks_cannot_be_cut_off_or_swapped() -> None:
    stored = _shut(LONG)
    first, second = (stored[SALT + at * (CHUNK + TAG) : SALT + (at + 1) * (CHUNK + TAG)] for at in (0, 1))

    for changed in (stored[: SALT + CHUNK + TAG], stored[:SALT] + second + first + stored[SALT + 2 * (CHUNK + TAG) :]):
        with pytest.raises(BackupError, match="changed or cut"):
            _opened(changed)


def test_another_key_opens_nothing() -> None:
    with pytest.raises(BackupError, match="changed or cut"):
        _opened(_shut(b"secret"), OTHER)


def test_a_key_comes_from_a_file_else_from_the_environment(tmp_path) -> None:
    (tmp_path / "key").write_text(f"{KEY.hex()}\n", encoding="ascii")

    assert key_of(tmp_path / "key", OTHER.hex()) == KEY
    assert key_of(None, OTHER.hex()) == OTHER
    assert key_of(None, "") == b""
    with pytest.raises(BackupError, match="cannot be read"):
        key_of(tmp_path / "none", "")


@pytest.mark.parametrize("text", ["", "short", "zz" * 32, "00" * 31])
def test_a_key_that_is_none_is_refused_with_the_way_to_make_one(text: str) -> None:
    with pytest.raises(BackupError, match="64 hexadecimal digits") as refused:
        read_key(text, "KEHU_BACKUP_KEY")

    assert refused.value.fix == module.MAKE
