"""The record of who did what: an HMAC chain with its head anchored outside the database."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from kehu.base.clock import now
from kehu.base.errors import KehuError
from kehu.govern.anchor import Anchor

if TYPE_CHECKING:
    from pathlib import Path

    from kehu.govern.control import Control

KEY_BYTES = 32  # as long as SHA-256's output: RFC 2104, 3
_START = "0" * 64


@dataclass(frozen=True)
class Event:
    """One line of the audit log.

    Attributes
    ----------
    actor, action, subject : str
        Who did what to which thing (``"ann"``, ``"query"``, ``"customer:c-17"``).
    text : str
        What was asked, without personal data (see `kehu.govern.redact`).
    rows : int
        How many rows the actor received.
    snapshot : int
        What the rows were read from; 0 when nothing was read.
    outcome : str
        ``"ok"``, ``"refused"`` or ``"failed"``.
    reason : str
        Kind of the error behind a refusal or failure, without its text.
    roles, workspace, purpose : str
        The standing the actor used.
    """

    actor: str
    action: str
    subject: str = ""
    text: str = ""
    rows: int = 0
    snapshot: int = 0
    outcome: str = "ok"
    reason: str = ""
    roles: str = ""
    workspace: str = "main"
    purpose: str = ""


@dataclass(frozen=True)
class Line:
    """An event as the log holds it: its place, its UTC time, and what happened."""

    seq: int
    at: datetime
    event: Event


@dataclass(frozen=True)
class Verdict:
    """What `Audit.verify` found; ``problem`` is empty when the whole chain is sound."""

    lines: int
    problem: str = ""
    seq: int = 0

    @property
    def is_sound(self) -> bool:
        """Whether nothing was edited, deleted, swapped or cut off."""
        return not self.problem


class Audit:
    """Appends to and verifies the chain of one control store.

    Parameters
    ----------
    control : Control
        The store; ``audit.key`` (0600) and ``audit.head`` lie beside its file.

    Notes
    -----
    ``mac[n] = HMAC-SHA-256(key, mac[n-1] | n | at | body)``. The head file holds count and last mac
    under a mac of its own, so a cut tail shows; copy it to another host to survive a thief of the key.
    """

    def __init__(self, control: Control) -> None:
        self._control = control
        self._key, is_new = _key(control)
        self._anchor = Anchor(control.path.with_name("audit.head"), self._key)
        if is_new:
            self._anchor.start()

    def append(self, event: Event) -> int:
        """Write one event and return its number; safe for several processes."""
        body = json.dumps(asdict(event), ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        with self._control.transaction() as store:
            row = store.execute("SELECT seq, mac FROM audit ORDER BY seq DESC LIMIT 1").fetchone()
            anchored = self._anchor.read() or (0, "")
            held = store.execute("SELECT mac FROM audit WHERE seq = ?", anchored[:1]).fetchone()
            seq, last = (row[0] + 1, row[1]) if row else (1, _START)
            at = now().isoformat()
            mac = self._mac(last, seq, at, body)
            store.execute("INSERT INTO audit VALUES (?, ?, ?, ?)", (seq, at, body, mac))
        if anchored[0] == 0 or (held and held[0] == anchored[1]):  # else the log was cut: keep the evidence
            self._anchor.advance(seq, mac)
        return seq

    def lines(self, *, last: int = 100) -> list[Line]:
        """Return the newest events, newest first."""
        sql = "SELECT seq, at, body FROM audit ORDER BY seq DESC LIMIT ?"
        return [
            Line(seq, datetime.fromisoformat(at), Event(**json.loads(body)))
            for seq, at, body in self._control.rows(sql, (last,))
        ]

    def verify(self) -> Verdict:
        """Recompute the chain; name the first line that is not what was written."""
        anchored = self._anchor.read()  # before the rows: lines appended meanwhile only add to them
        rows = self._control.rows("SELECT seq, at, body, mac FROM audit ORDER BY seq")
        previous = _START
        for wanted, (seq, at, body, mac) in enumerate(rows, start=1):
            if seq != wanted:
                return Verdict(len(rows), f"line {wanted} is missing", wanted)
            if not hmac.compare_digest(self._mac(previous, seq, at, body), mac):
                return Verdict(len(rows), f"line {seq} was changed", seq)
            previous = mac
        if anchored is None:
            return Verdict(len(rows), "the head file is missing or forged")
        count, head = anchored
        if count > len(rows):
            return Verdict(len(rows), f"{count - len(rows)} lines at the end are missing", len(rows) + 1)
        if count and rows[count - 1][3] != head:
            return Verdict(len(rows), f"line {count} is not the anchored one", count)
        return Verdict(len(rows))

    def fingerprint(self, text: str) -> str:
        """Return a keyed hash of ``text``: equal texts can be found again, no text can be guessed."""
        return hmac.digest(self._key, b"text|" + text.encode(), "sha256").hex()[:16]

    def _mac(self, previous: str, seq: int, at: str, body: str) -> str:
        return hmac.digest(self._key, f"{previous}|{seq}|{at}|{body}".encode(), "sha256").hex()


def _key(control: Control) -> tuple[bytes, bool]:
    path = control.path.with_name("audit.key")
    with control.transaction() as store:  # two first processes must not make two keys
        is_new = not path.exists()
        if is_new:
            if store.execute("SELECT count(*) FROM audit").fetchone()[0]:
                fix = "Restore audit.key from a backup; without it the log proves nothing"
                raise KehuError("the audit log's key is missing", where=str(path), fix=fix)
            _write_secret(path)
    key = path.read_bytes()
    if len(key) != KEY_BYTES:
        raise KehuError("the audit log's key is damaged", where=str(path), fix="Restore audit.key from a backup")
    return hashlib.sha256(b"kehu audit" + key).digest(), is_new


def _write_secret(path: Path) -> None:
    handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(secrets.token_bytes(KEY_BYTES))
        file.flush()
        os.fsync(file.fileno())
