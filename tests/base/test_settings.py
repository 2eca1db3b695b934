"""What kehu.toml may say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kehu.base.errors import SettingsError
from kehu.base.settings import load

if TYPE_CHECKING:
    from pathlib import Path


def test_an_empty_file_means_defaults(tmp_path: Path) -> None:
    (tmp_path / "kehu.toml").write_text("")

    settings = load(tmp_path, workspace="north")

    assert (settings.time_zone, settings.lake) == ("UTC", tmp_path / "data" / "north")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('time_zone = "Shanghai"', "time_zone cannot be 'Shanghai'"),
        ('currency = "dollars"', "Use an ISO 4217 code"),
        ('region = "XXL"', "region cannot be 'XXL'"),
        ('memory_limit = "lots"', "Write it like 1GB"),
        ("threads = -1", "threads cannot be -1"),
        ("match_at = 5.0", "match_at cannot be 5.0"),
        ("review_at = 0.95", "not above match_at"),
        ("threads = 'two'", "threads must be like 0"),
        ('timezone = "UTC"', "Did you mean 'time_zone'?"),
        ("name =", "not valid TOML"),
    ],
)
def test_a_wrong_setting_is_refused_with_its_file_and_fix(tmp_path: Path, line: str, says: str) -> None:
    (tmp_path / "kehu.toml").write_text(line)

    with pytest.raises(SettingsError) as raised:
        load(tmp_path)

    assert says in str(raised.value)
    assert raised.value.where == str(tmp_path / "kehu.toml")


def test_a_folder_without_settings_names_the_command_that_makes_a_project(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="kehu init"):
        load(tmp_path)
