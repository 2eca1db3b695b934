"""Kehu's web app serves this machine only, until sign-in has a second factor and the wire has TLS."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from kehu.base.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping

REFUSAL = (
    "Kehu answers on this machine only (127.0.0.1, ::1, localhost): other addresses need a second sign-in "
    "factor and TLS, which this version does not have. Use an SSH tunnel to reach it from elsewhere."
)


def is_loopback(host: str) -> bool:
    """Say whether ``host`` (a name or an address, no port) is this machine's own loopback."""
    if host.lower().rstrip(".") == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def require_loopback(host: str) -> str:
    """Return ``host`` when it is a loopback address; the command line calls this before it binds."""
    if not is_loopback(host):
        fix = "Bind 127.0.0.1, and use an SSH tunnel to reach it from elsewhere"
        raise SettingsError("the web app serves this machine only", where=f"--host {host}", fix=fix)
    return host


def refusal(scope: Mapping[str, object]) -> str:
    """Return why an ASGI request is refused, or an empty string."""
    client = scope.get("client")
    if isinstance(client, (tuple, list)) and not is_loopback(str(client[0])):
        return REFUSAL
    headers = scope.get("headers")
    hosts = [value for name, value in headers if name == b"host"] if isinstance(headers, (tuple, list)) else []
    name = hosts[0].decode("latin-1").rsplit(":", 1)[0] if hosts else ""
    if hosts and hosts[0].startswith(b"["):
        name = hosts[0].decode("latin-1").split("]")[0] + "]"
    return "" if len(hosts) == 1 and is_loopback(name) else REFUSAL
