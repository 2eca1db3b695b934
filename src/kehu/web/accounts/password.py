"""Setting a password from the command line."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from kehu.base.errors import SettingsError

if TYPE_CHECKING:
    from pathlib import Path


def set_password(folder: Path, actor: str, password: str) -> None:
    """Give ``actor`` a password in the project's own web database, made on first use.

    Raises
    ------
    SettingsError
        When the password is shorter than 12 letters, longer than 128, or a common one.
    """
    os.environ["KEHU_PROJECT"] = str(folder.absolute())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kehu.web.settings")
    from kehu.web.prepare import prepare

    prepare()
    store(actor, password)


def store(actor: str, password: str) -> None:
    """Check and keep a password; Django must be ready."""
    from django.contrib.auth.models import User
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError

    if len(password) > 128:
        raise SettingsError("the password is longer than 128 letters", where=actor, fix="Choose a shorter one")
    try:
        validate_password(password)
    except ValidationError as error:
        fix = "Choose at least 12 letters that are no common password"
        raise SettingsError(" ".join(error.messages), where=actor, fix=fix) from error
    user, _ = User.objects.get_or_create(username=actor)
    user.set_password(password)
    user.save(update_fields=["password"])
