"""How long pages take: the served app is asked over loopback as a signed-in owner; warm p50 and p95 are printed.

Usage: python benchmarks/pages.py [PROJECT] (default: demo)
"""

from __future__ import annotations

import math
import os
import re
import socket
import statistics
import subprocess
import sys
import time
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, Request, build_opener

import kehu

TIMES, WARM_UP = 60, 5
GOALS = {"overview": 0.3, "customers": 0.3, "customer": 0.2}


def measure(project: Path) -> dict[str, tuple[float, float]]:
    """Start the app, sign in, ask each page `TIMES` times after `WARM_UP` requests; return p50 and p95 of each."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "granian", "--interface", "asgi", "--host", "127.0.0.1", "--port", str(port)]
    server = subprocess.Popen(
        [*command, "--workers", "1", "--log-level", "error", "kehu.web.asgi:app"],
        env={**os.environ, "KEHU_PROJECT": str(project.absolute())},
    )
    found = {}
    try:
        browser = signed_in(f"http://127.0.0.1:{port}", project)
        sql = "SELECT customer_id FROM customer_360 ORDER BY revenue DESC LIMIT 1"
        busiest = kehu.open(project).workspace.read(sql).value()
        for name, path in {"overview": "/", "customers": "/customers/", "customer": f"/customers/{busiest}/"}.items():
            seconds = sorted(
                [timed(browser, f"http://127.0.0.1:{port}{path}") for _ in range(WARM_UP + TIMES)][WARM_UP:]
            )
            found[name] = (statistics.median(seconds), seconds[math.ceil(0.95 * TIMES) - 1])
    finally:
        server.terminate()
        server.wait(timeout=10)
    return found


def signed_in(address: str, project: Path) -> OpenerDirector:
    """Return a browser signed in with the demo's owner login."""
    name, password = re.findall(r"(\w+)\s+/\s+(\S+)", (project / "data/logins.txt").read_text(encoding="utf-8"))[0]
    browser = build_opener(HTTPCookieProcessor(CookieJar()))
    page = wait_for(browser, f"{address}/")
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token, "the sign-in page has no CSRF token"
    form = urlencode({"csrfmiddlewaretoken": token[1], "username": name, "password": password}).encode()
    answer = browser.open(Request(f"{address}/sign-in/", data=form, headers={"Referer": f"{address}/"}))
    assert "csrfmiddlewaretoken" not in answer.url, "sign-in failed"
    return browser


def wait_for(browser: OpenerDirector, url: str) -> str:
    """Return a page as soon as the server answers; at most 30 seconds."""
    for _ in range(150):
        try:
            return str(browser.open(url, timeout=30).read().decode())
        except OSError:
            time.sleep(0.2)
    raise SystemExit("the server did not start")


def timed(browser: OpenerDirector, url: str) -> float:
    """Return the seconds of one request, body included."""
    started = time.perf_counter()
    with browser.open(url, timeout=30) as answer:
        assert answer.status == 200
        answer.read()
    return time.perf_counter() - started


if __name__ == "__main__":
    for page, (p50, p95) in measure(Path(sys.argv[1] if len(sys.argv) > 1 else "demo")).items():
        verdict = "met" if p95 < GOALS[page] else "MISSED"
        print(
            f"{page:10} p50 {p50 * 1000:6.0f} ms  p95 {p95 * 1000:6.0f} ms  goal {GOALS[page] * 1000:.0f} ms {verdict}"
        )
