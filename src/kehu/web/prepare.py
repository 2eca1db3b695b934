"""Makes Django ready for a project folder: settings, database, migrations."""

from __future__ import annotations

import os

import django
from django.apps import apps
from django.conf import settings
from django.core.management import call_command

from kehu.web.translate import compile_all


def prepare() -> None:
    """Set Django up and bring its own database up to date; safe to call again."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kehu.web.settings")
    if not apps.ready:
        django.setup()
    folder = settings.KEHU_PROJECT / "data"
    folder.mkdir(parents=True, exist_ok=True)
    call_command("migrate", verbosity=0, interactive=False)
    if not list(settings.LOCALE_PATHS[0].rglob("*.mo")):
        compile_all(settings.LOCALE_PATHS[0])
