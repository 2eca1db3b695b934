"""Static files, served from memory before Django sees the request."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

STATIC = Path(__file__).parent / "static"
PREFIX = "/static/"
SQUEEZED = (".css", ".js", ".svg", ".txt")
TYPES = {".woff2": "font/woff2", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}


@dataclass(frozen=True)
class Asset:
    """One file as it is sent."""

    body: bytes
    squeezed: bytes
    media_type: str
    digest: str


@lru_cache(maxsize=1)
def assets() -> dict[str, Asset]:
    """Return every file below ``static/`` by its path; read once for the life of the server."""
    return {path.relative_to(STATIC).as_posix(): _asset(path) for path in sorted(STATIC.rglob("*")) if path.is_file()}


def _asset(path: Path) -> Asset:
    body = path.read_bytes()
    squeezed = gzip.compress(body, 6, mtime=0) if path.suffix in SQUEEZED else b""
    media_type = TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return Asset(body, squeezed, media_type, hashlib.sha256(body).hexdigest()[:12])


def address(name: str) -> str:
    """Return the address of a file; it changes with the content, so it may be cached for ever."""
    found = assets().get(name)
    return f"{PREFIX}{name}?v={found.digest}" if found else f"{PREFIX}{name}"


def answer(path: str, *, gzip_ok: bool) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    """Return status, headers and body for one address below ``/static/``."""
    found = assets().get(path.removeprefix(PREFIX))
    if found is None:
        return 404, [(b"content-type", b"text/plain; charset=utf-8")], b"No such file\n"
    body = found.squeezed if gzip_ok and found.squeezed else found.body
    headers = [
        (b"content-type", found.media_type.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"public, max-age=31536000, immutable"),
        (b"x-content-type-options", b"nosniff"),
        (b"cross-origin-resource-policy", b"same-origin"),
        (b"vary", b"accept-encoding"),
    ]
    if body is found.squeezed:
        headers.append((b"content-encoding", b"gzip"))
    return 200, headers, body
