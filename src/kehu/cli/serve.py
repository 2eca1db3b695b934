"""Start the web app: a free port on the loopback address, and the address said plainly."""

from __future__ import annotations

import logging
import os
import socket
import sys
from typing import TYPE_CHECKING

from kehu.base.errors import KehuError
from kehu.base.settings import load
from kehu.cli.app import PLACE
from kehu.cli.render import note
from kehu.cli.supervise import supervise

if TYPE_CHECKING:
    from pathlib import Path

log = logging.getLogger("kehu.serve")
HOST = "127.0.0.1"
TRIES = 50


def serve_project(project: Path, port: int) -> None:
    """Serve one project, with a worker for its jobs, until it is stopped; the demo's logins are named."""
    settings = load(project, workspace=PLACE.workspace)
    chosen = free_port(port)
    if chosen != port:
        note(f"Port {port} is busy, using {chosen}.")
    note(f"\n  {settings.name} is at http://{HOST}:{chosen}/")
    logins = settings.data / "logins.txt"
    if logins.is_file():
        note("  " + logins.read_text(encoding="utf-8").strip().replace("\n", "\n  "))
    place = {"KEHU_PROJECT": str(settings.folder), "KEHU_WORKSPACE": settings.workspace}
    server = [sys.executable, "-m", "granian", "--interface", "asgi", "--host", HOST, "--port", str(chosen)]
    server += ["--workers", "1", "--log-level", "warning", "kehu.web.asgi:app"]
    worker = [sys.executable, "-m", "kehu.cli", "--dir", str(settings.folder), "--workspace", settings.workspace]
    log.info("serving", extra={"port": chosen, "workspace": settings.workspace})
    sys.exit(supervise(server, [*worker, "job", "work"], {**os.environ, **place}))


def free_port(first: int) -> int:
    """Return the first free port from ``first`` on."""
    for port in range(first, min(first + TRIES, 65536)):
        with socket.socket() as probe:
            if probe.connect_ex((HOST, port)) == 0:
                continue
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return port
    raise KehuError("no free port", where=f"{HOST}:{first}-{first + TRIES - 1}", fix="Name another one with --port")
