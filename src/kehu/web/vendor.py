"""Copies the pinned front-end files of ``npm ci`` into ``static/vendor``.

Run as ``python -m kehu.web.vendor [NODE_MODULES]``; nothing is downloaded here.
"""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

from kehu.base.errors import SettingsError

WEB = Path(__file__).parent
FILES = {
    "echarts/dist/echarts.common.min.js": "echarts.js",
    "echarts/LICENSE": "echarts.LICENSE.txt",
    "htmx.org/dist/htmx.min.js": "htmx.js",
    "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2": "inter-latin.woff2",
    "@fontsource-variable/inter/files/inter-latin-ext-wght-normal.woff2": "inter-latin-ext.woff2",
    "@fontsource-variable/inter/LICENSE": "inter.LICENSE.txt",
    "lucide-static/LICENSE": "lucide.LICENSE.txt",
}
ICONS = [
    "layout-dashboard",
    "users",
    "shield-alert",
    "gauge",
    "search",
    "sun",
    "moon",
    "monitor",
    "languages",
    "log-out",
    "menu",
    "x",
    "chevron-right",
    "chevron-left",
    "chevron-down",
    "arrow-up",
    "arrow-down",
    "arrow-up-right",
    "arrow-down-right",
    "minus",
    "download",
    "table-2",
    "calendar",
    "clock",
    "database",
    "git-merge",
    "mail",
    "phone",
    "map-pin",
    "user",
    "user-round",
    "house",
    "shopping-bag",
    "message-circle",
    "message-square",
    "ticket",
    "headset",
    "star",
    "megaphone",
    "tag",
    "info",
    "circle-help",
    "circle-check",
    "triangle-alert",
    "lock",
    "eye-off",
    "credit-card",
    "cake",
    "refresh-cw",
    "filter",
    "arrow-left",
    "sparkles",
    "trending-up",
    "keyboard",
    "file-spreadsheet",
    "inbox",
    "layers",
    "wallet",
    "badge-check",
    "compass",
    "globe",
    "link-2",
    "chart-line",
    "store",
    "activity",
    "calendar-clock",
    "circle-x",
    "play",
    "rotate-ccw",
    "equal",
    "equal-not",
    "check",
    "merge",
    "split",
    "skip-forward",
    "undo-2",
    "arrow-left-right",
    "arrow-right",
    "fingerprint",
    "list-checks",
    "building-2",
]


def copy_files(modules: Path, target: Path) -> None:
    """Copy every pinned file; the sprite holds only the icons the pages use."""
    target.mkdir(parents=True, exist_ok=True)
    for source, name in FILES.items():
        if not (modules / source).is_file():
            fix = "Run 'npm ci' at the repository root first"
            raise SettingsError("a front-end file is missing", where=str(modules / source), fix=fix)
        shutil.copyfile(modules / source, target / name)
    sprite = "".join(_symbol(modules / "lucide-static/icons" / f"{icon}.svg") for icon in ICONS)
    svg = f'<svg xmlns="http://www.w3.org/2000/svg">{sprite}</svg>'
    (target / "icons.svg").write_text(svg, encoding="utf-8")


def _symbol(path: Path) -> str:
    found = re.search(r"<svg[^>]*>(.*)</svg>", path.read_text(encoding="utf-8"), re.DOTALL)
    if not found:
        raise SettingsError("not an SVG icon", where=str(path), fix="Run 'npm ci' again")
    body = re.sub(r"\s+", " ", found.group(1)).strip()
    return f'<symbol id="{path.stem}" viewBox="0 0 24 24">{body}</symbol>'


def main() -> None:
    """Copy the files."""
    modules = Path(sys.argv[1]) if len(sys.argv) > 1 else WEB.parents[2] / "node_modules"
    copy_files(modules, WEB / "static" / "vendor")


if __name__ == "__main__":
    main()
