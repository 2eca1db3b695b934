from __future__ import annotations

import random
import sqlite3
import stat
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import TYPE_CHECKING

import pytest

from kehu.base.errors import KehuError
from kehu.govern.audit import Audit, Event
from kehu.govern.control import Control

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def audit(control: Control) -> Audit:
    log = Audit(control)
    for number in range(5):
        log.append(Event("ann", "query", f"table:t{number}"))
    return log


def tamper(control: Control, *statements: str) -> None:
    with sqlite3.connect(control.path) as thief:
        for statement in statements:
            thief.execute(statement)
    thief.close()


def test_an_untouched_log_is_sound(audit: Audit) -> None:
    verdict = audit.verify()

    assert verdict.is_sound
    assert verdict.lines == 5


def test_lines_come_newest_first_with_their_time(audit: Audit) -> None:
    newest, *_ = audit.lines(last=2)

    assert (newest.seq, newest.event.subject) == (5, "table:t4")
    assert newest.at.tzinfo is None


@pytest.mark.parametrize(
    "statements",
    [
        ["UPDATE audit SET body = replace(body, 'ann', 'bob') WHERE seq = 3"],
        ["UPDATE audit SET at = '2020-01-01T00:00:00' WHERE seq = 2"],
        ["UPDATE audit SET mac = 'x' WHERE seq = 5"],
        ["DELETE FROM audit WHERE seq = 1"],
        ["DELETE FROM audit WHERE seq = 3"],
        ["DELETE FROM audit WHERE seq = 3", "UPDATE audit SET seq = seq - 1 WHERE seq > 3"],
        ["DELETE FROM audit WHERE seq = 5"],
        ["DELETE FROM audit WHERE seq > 2"],
        ["DELETE FROM audit"],
        [
            "UPDATE audit SET seq = 99 WHERE seq = 2",
            "UPDATE audit SET seq = 2 WHERE seq = 3",
            "UPDATE audit SET seq = 3 WHERE seq = 99",
        ],
        ["INSERT INTO audit SELECT 6, at, body, mac FROM audit WHERE seq = 5"],
    ],
)
def test_every_kind_of_tampering_is_found(audit: Audit, control: Control, statements: list[str]) -> None:
    tamper(control, *statements)

    assert not audit.verify().is_sound


def test_random_tampering_is_always_found(audit: Audit, control: Control) -> None:
    rng = random.Random(7)
    rows = control.rows("SELECT seq, at, body, mac FROM audit ORDER BY seq")
    for _ in range(200):
        changed = [list(row) for row in rows]
        match rng.choice(["edit", "delete", "swap", "cut"]):
            case "edit":
                line = rng.choice(changed)
                line[2] = line[2].replace("query", rng.choice(["read", "export", ""]))
            case "delete":
                changed.pop(rng.randrange(5))
            case "swap":
                first, second = rng.sample(range(5), 2)
                changed[first][1:], changed[second][1:] = changed[second][1:], changed[first][1:]
            case "cut":
                changed = changed[: rng.randrange(5)]
        with control.transaction() as store:
            store.execute("DELETE FROM audit")
            store.executemany("INSERT INTO audit VALUES (?, ?, ?, ?)", changed)

        assert not audit.verify().is_sound


def test_a_cut_tail_stays_visible_after_new_lines(audit: Audit, control: Control) -> None:
    tamper(control, "DELETE FROM audit WHERE seq > 2")
    for _ in range(6):
        audit.append(Event("bob", "query"))

    assert not audit.verify().is_sound


@pytest.mark.parametrize("content", [None, b"", b"00000000000000000005 abc def\n"])
def test_a_removed_or_forged_head_is_found(audit: Audit, control: Control, content: bytes | None) -> None:
    head = control.path.with_name("audit.head")
    head.unlink()
    if content is not None:
        head.write_bytes(content)
    audit.append(Event("ann", "query"))

    assert "head" in audit.verify().problem


def test_a_process_killed_before_it_moved_the_head_leaves_a_sound_log(audit: Audit, control: Control) -> None:
    head = control.path.with_name("audit.head")
    before = head.read_bytes()
    audit.append(Event("ann", "query"))
    head.write_bytes(before)

    assert audit.verify().is_sound
    audit.append(Event("ann", "query"))
    assert audit.verify().is_sound


def test_another_key_does_not_verify(audit: Audit, control: Control) -> None:
    control.path.with_name("audit.key").write_bytes(b"k" * 32)

    assert not Audit(control).verify().is_sound


def test_a_lost_key_is_an_error_and_not_a_new_chain(audit: Audit, control: Control) -> None:
    control.path.with_name("audit.key").unlink()

    with pytest.raises(KehuError, match="key is missing"):
        Audit(control)


def test_key_head_and_store_are_readable_by_their_owner_only(audit: Audit, control: Control) -> None:
    for name in ("audit.key", "audit.head", "control.sqlite"):
        mode = control.path.with_name(name).stat().st_mode

        assert stat.S_IMODE(mode) == 0o600


def write_lines(path: Path) -> None:
    log = Audit(Control(path))
    for _ in range(25):
        log.append(Event("ann", "query"))


def test_several_processes_write_one_chain(control: Control) -> None:
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        list(pool.map(write_lines, [control.path] * 2))

    verdict = Audit(control).verify()
    assert verdict.is_sound
    assert verdict.lines == 50


def test_a_line_costs_less_than_a_millisecond(audit: Audit) -> None:
    costs = []
    for _ in range(100):
        start = time.perf_counter()
        audit.append(Event("ann", "query", "customer:c1", "SELECT 1"))
        costs.append(time.perf_counter() - start)

    assert sorted(costs)[50] < 0.001


def test_a_fingerprint_is_stable_and_keyed(audit: Audit, tmp_path: Path) -> None:
    other = Control(tmp_path / "other" / "control.sqlite")

    assert audit.fingerprint("王芳") == audit.fingerprint("王芳")
    assert audit.fingerprint("王芳") != Audit(other).fingerprint("王芳")
    other.close()


def test_a_long_log_does_not_fill_the_memory_of_its_writer(control: Control) -> None:
    assert control.rows("PRAGMA cache_size") == [(-256,)]  # KiB; SQLite's own 2 MB took an hour of pages to fill
