"""Sign in, sign out, language and theme."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth import login, logout
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import AuthenticationForm
from django.http import HttpResponseRedirect
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST
from django.views.i18n import set_language

from kehu.web import door
from kehu.web.frame import THEMES

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

YEAR = 365 * 24 * 3600


@login_not_required
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Show the form, or check it; after five failures the answer is 429, whoever the user is."""
    target = _safe(request, request.POST.get("next") or request.GET.get("next"))
    if request.user.is_authenticated and request.method == "GET":
        return redirect(target)
    form = AuthenticationForm(request, request.POST or None)
    if request.method == "POST" and form.is_valid():
        login(request, form.get_user())
        door.record("sign in", form.get_user().get_username())
        return redirect(target)
    locked = bool(getattr(request, "axes_locked_out", False))
    failed = request.method == "POST" and not locked
    if locked or failed:
        door.record("sign in", request.POST.get("username", "")[:150], outcome="refused")
    status = 429 if locked else 422 if failed else 200
    context = {"form": form, "next": target, "locked": locked, "failed": failed}
    return render(request, "accounts/sign_in.html", context, status=status)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    door.record("sign out", request.user.get_username())
    logout(request)
    return redirect("sign_in")


@login_not_required
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Keep the language in a cookie and go back."""
    return set_language(request)


@login_not_required
@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Keep the theme in a cookie and go back."""
    chosen = request.POST.get("theme", "auto")
    response = HttpResponseRedirect(_safe(request, request.POST.get("next")))
    response.set_cookie(
        "kehu_theme", chosen if chosen in THEMES else "auto", max_age=YEAR, samesite="Lax", httponly=True
    )
    return response


def _safe(request: HttpRequest, target: str | None) -> str:
    if target and url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
        return target
    return resolve_url("overview")
