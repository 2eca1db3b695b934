"""Kehu (客户): several messy sources in, one trustworthy customer view with predictions out."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from kehu.flow.project import Project

__version__ = "0.1.0"


def open(folder: str | Path, *, as_: str | None = None, workspace: str = "main") -> Project:  # noqa: A001  # kehu.open reads well
    """Open a project folder as the owner, or as the user or role named by ``as_``.

    Examples
    --------
    >>> import kehu
    >>> shop = kehu.open("demo")  # doctest: +SKIP
    >>> shop.workspace.query("SELECT count(*) AS customers FROM customer").dicts()  # doctest: +SKIP
    """
    from pathlib import Path

    from kehu.flow.project import open_project

    return open_project(Path(folder), as_=as_, workspace=workspace)
