"""What Kehu needs from the system itself, how to see whether it is there, and which Debian package brings it."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class Need:
    """One thing of the system: the packages that bring it, what it is for, and whether Kehu can do without."""

    name: str
    packages: tuple[str, ...]
    used_for: str
    present: Callable[[], bool]
    purposes: tuple[str, ...] = ("demo", "test")
    essential: bool = True


@dataclass(frozen=True)
class Missing:
    """What is still missing: the command that would bring it, and whether set-up must stop for it."""

    command: str = ""
    essential: bool = False


def has_venv() -> bool:
    """Tell whether this Python can make environments with pip (Debian packs that apart)."""
    return all(importlib.util.find_spec(name) for name in ("venv", "ensurepip"))


def loads(library: str) -> bool:
    """Tell whether a shared library of the system is there."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def has_openmp() -> bool:
    """Tell whether the OpenMP runtime that LightGBM loads is there."""
    return loads("libgomp.so.1")


def has_atomic() -> bool:
    """Tell whether the library is there that Playwright's own Node loads."""
    return loads("libatomic.so.1")


def has_chinese_font() -> bool:
    """Tell whether a font with Chinese characters is installed."""
    folders = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path.home() / ".local/share/fonts")
    words = ("cjk", "wqy", "notosanssc", "sourcehan", "simsun", "msyh", "pingfang")
    files = (file.name.lower() for folder in folders if folder.is_dir() for file in folder.rglob("*.[ot]t[fc]"))
    return any(word in name for name in files for word in words)


def has_chromium() -> bool:
    """Tell whether Debian's Chromium is on the path."""
    return shutil.which("chromium") is not None


def has_java() -> bool:
    """Tell whether a Java is there that Spark 4 runs on (17 or newer is what Debian 12 brings)."""
    return shutil.which("java") is not None


def has_postgres() -> bool:
    """Tell whether PostgreSQL's own programs are there: Debian keeps them off the path."""
    return shutil.which("initdb") is not None or any(Path("/usr/lib/postgresql").glob("*/bin/initdb"))


NEEDS = (
    Need("Python's venv module", ("python3-venv",), "the environment in .venv", has_venv),
    Need("the OpenMP runtime", ("libgomp1",), "LightGBM's scorers", has_openmp),
    Need("Chromium", ("chromium",), "browser tests", has_chromium, ("test",), essential=False),
    Need("the atomic library", ("libatomic1",), "browser tests", has_atomic, ("test",), essential=False),
    Need("a Chinese font", ("fonts-noto-cjk",), "browser tests", has_chinese_font, ("test",), essential=False),
    Need("Java", ("default-jre-headless",), "Spark tests", has_java, ("test",), essential=False),
    Need("PostgreSQL", ("postgresql",), "PostgreSQL tests", has_postgres, ("test",), essential=False),
)


def provide(purpose: str, say: Callable[[str], None]) -> Missing:
    """Find what the system lacks for `purpose`; install it as root on Debian or Ubuntu, else name the command.

    Returns
    -------
    Missing
        What is still lacking; empty when everything is there.
    """
    lacking = lacks(purpose)
    if not lacking:
        return Missing()
    packages = sorted({package for need in lacking for package in need.packages})
    command = f"apt-get install --yes --no-install-recommends {' '.join(packages)}"
    names = ", ".join(f"{need.name} (for {need.used_for})" for need in lacking)
    if shutil.which("apt-get") and os.geteuid() == 0:
        say(f"the system lacks {names}: installing {' '.join(packages)} with apt")
        install(packages, say)
        lacking = lacks(purpose)
        names = ", ".join(f"{need.name} (for {need.used_for})" for need in lacking)
    if lacking and not any(need.essential for need in lacking):
        say(f"going on without {names}. To have it, type: sudo {command}")
    return Missing(f"sudo {command}", any(need.essential for need in lacking)) if lacking else Missing()


def lacks(purpose: str) -> list[Need]:
    """Return the needs of `purpose` that this system does not meet."""
    importlib.invalidate_caches()
    return [need for need in NEEDS if purpose in need.purposes and not need.present()]


def install(packages: list[str], say: Callable[[str], None]) -> None:
    """Install Debian packages quietly; a failure is said, and what is still missing is found afterwards."""
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "update", "-qq"],
        ["apt-get", "install", "-qq", "--no-install-recommends", *packages],
    ):
        done = subprocess.run(
            command, env=quiet, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False
        )
        if done.returncode:
            say(f"{' '.join(command[:2])} failed: {done.stderr.strip().splitlines()[-1:] or 'no word why'}")
            return
