"""What templates may call: formats, words, icons and addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from kehu.present import sparkline
from kehu.web import format as form
from kehu.web import words
from kehu.web.static_files import address

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from django.template.context import RequestContext

register = template.Library()
FORMATS = (
    "compact", "day", "month", "short_day", "weekday", "decimal_text", "number", "percent", "change", "money",
    "phone", "risk",
)  # fmt: skip
for _name in FORMATS:
    register.filter(_name, getattr(form, _name))
for _words in (
    words.group,
    words.band,
    words.field,
    words.source,
    words.happening,
    words.rule,
    words.role,
    words.gender,
    words.work,
    words.state,
):
    register.filter(f"{_words.__name__}_words", _words)


def _zone(context: RequestContext) -> str:
    return str(context.get("zone") or "UTC")


@register.simple_tag
def asset(name: str) -> str:
    """Return the address of a static file."""
    return address(name)


@register.simple_tag
def icon(name: str, css: str = "") -> SafeString:
    """Return an icon that screen readers leave out."""
    return format_html(
        '<svg class="icon {}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        css,
        address("vendor/icons.svg"),
        name,
    )


@register.simple_tag(takes_context=True)
def moment(context: RequestContext, value: datetime | None) -> str:
    """Return a time in the workspace's zone."""
    return form.moment(value, _zone(context))


@register.simple_tag(takes_context=True)
def since(context: RequestContext, value: datetime | None) -> str:
    """Return a time, or the day alone where the source gave no time."""
    return form.date_or_moment(value, _zone(context))


@register.simple_tag(takes_context=True)
def clock(context: RequestContext, value: datetime | None) -> str:
    """Return a time of day in the workspace's zone."""
    return form.clock(value, _zone(context))


@register.simple_tag(takes_context=True)
def stamp(context: RequestContext) -> SafeString:
    """Return which snapshot the figures come from, and when it was published."""
    fresh, snapshot = context.get("fresh"), context.get("snapshot")
    if fresh is None and snapshot is None:
        return SafeString("")
    number = fresh.snapshot if fresh is not None else getattr(snapshot, "id", 0)
    at = fresh.published_at if fresh is not None else getattr(snapshot, "at", None)
    words = gettext("Snapshot %(number)s · %(at)s") % {
        "number": number,
        "at": form.moment(at, _zone(context)),
    }
    return format_html('<p class="stamp">{}<span>{}</span></p>', icon("database"), words)


@register.simple_tag(takes_context=True)
def cash(context: RequestContext, value: Any, digits: int = 2, currency: str | None = None) -> str:
    """Return money, in the workspace's currency unless another is named."""
    return form.money(value, currency or str(context.get("currency") or ""), digits)


@register.simple_tag(takes_context=True)
def query(context: RequestContext, **changes: Any) -> str:
    """Return the page's query string with some parts changed; None leaves a part out."""
    params = context["request"].GET.copy()
    for name, value in changes.items():
        key = {"since": "from"}.get(name, name)
        if value is None or value == "":
            params.pop(key, None)
        else:
            params[key] = str(value)
    return f"?{params.urlencode()}" if params else "?"


@register.simple_tag
def spark(values: Sequence[float], css: str = "") -> SafeString:
    """Return a sparkline; it repeats figures that stand beside it, so it is decoration."""
    return format_html(
        '<svg class="spark {}" viewBox="0 0 120 32" preserveAspectRatio="none" aria-hidden="true" focusable="false">'
        '<path class="spark-area" d="{}"></path><path class="spark-line" d="{}"></path></svg>',
        css,
        sparkline.area(values),
        sparkline.path(values),
    )


register.filter("family", words.family)


@register.filter
def heat(share: float | None, top: float = 1.0) -> str:
    """Return the class of one of eleven shades for a share of ``top``."""
    if share is None:
        return ""
    return f"heat-{min(10, max(0, round(float(share) / (float(top) or 1.0) * 10)))}"


@register.filter
def get(mapping: Any, key: Any) -> Any:
    """Return ``mapping[key]``, or None."""
    return mapping.get(key) if mapping else None


@register.filter
def initials(name: str | None) -> str:
    """Return one or two letters for an avatar."""
    parts = (name or "").split()
    if not parts:
        return "?"
    if not parts[0].isascii():
        return parts[0][-2:] if len(parts[0]) > 2 else parts[0][-1:]
    return (parts[0][0] + (parts[-1][0] if len(parts) > 1 else "")).upper()
