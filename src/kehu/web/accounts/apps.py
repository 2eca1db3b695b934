"""The app that makes Django's users Kehu's actors."""

from __future__ import annotations

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Holds no table of its own: credentials are Django's, roles are govern's."""

    name = "kehu.web.accounts"
    label = "kehu_accounts"
