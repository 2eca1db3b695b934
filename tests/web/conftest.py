"""A small company in a real lake, and browsers and clients that look at it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kehu import tables
from kehu.govern import users
from kehu.govern.control import Control
from kehu.warehouse.lake import Lake
from kehu.warehouse.table import load_tables

HERE = Path(__file__).parent
NOTICE = "Names, contact details, calls and surveys are invented."
PEOPLE = {"owner": "Olivia Owner", "agent": "Aki Agent", "analyst": "Ann Analyst", "marketer": "Max", "viewer": "Vera"}
PASSWORD = "a-long-demo-password"


def _write(folder: Path) -> None:
    text = (HERE / "company.sql").read_text(encoding="utf-8")
    parts = re.findall(r"-- table: (\w+)\n(.*?)(?=\n-- (?:table|marts):|\Z)", text, re.DOTALL)
    marts = re.search(r"-- marts: (.*)", text)
    known = load_tables(Path(tables.__file__).parent)
    with Lake(folder / "data" / "main").writer("a small company", publish=True) as writer:
        for name, sql in parts:
            writer.replace(name, sql)
        for name in marts.group(1).split() if marts else []:
            writer.replace(name, str(known[name].sql))


@pytest.fixture(scope="session")
def company(tmp_path_factory) -> Path:
    """A project folder with published tables and one user per role."""
    folder = tmp_path_factory.mktemp("company")
    (folder / "kehu.toml").write_text(
        f'name = "Acme Grocery"\ntime_zone = "America/New_York"\nnotice = "{NOTICE}"\n', encoding="utf-8"
    )
    _write(folder)
    control = Control(folder / "data" / "control.sqlite")
    for role, name in PEOPLE.items():
        users.add_user(control, f"{role}1", [role], display_name=name)
    control.close()
    return folder


@pytest.fixture
def door(company, settings):
    """The web app's door, opened on the company."""
    from kehu.web import door

    settings.KEHU_PROJECT = company
    settings.KEHU_WORKSPACE = "main"
    for cached in (door.project_settings, door.control, door.base):
        cached.cache_clear()
    yield door
    for cached in (door.project_settings, door.control, door.base):
        cached.cache_clear()
