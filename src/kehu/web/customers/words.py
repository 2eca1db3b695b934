"""The words for what accounts write as codes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

ROLES: dict[str, _StrPromise] = {
    "owner": _("Management"),
    "buyer": _("Purchasing"),
    "finance": _("Finance"),
    "technical": _("Technology"),
    "sales": _("Sales"),
    "member": _("Member"),
}
EVIDENCE: dict[str, _StrPromise] = {
    "company_name": _("A record names this organization."),
    "email_domain": _("The e-mail has this organization's domain."),
    "company_and_domain": _("A record names this organization, and the e-mail has its domain."),
}
