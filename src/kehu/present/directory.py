"""The customers list: search, filters, order and pages over ``customer_360``."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kehu.govern.workspace import Workspace

PAGE_SIZE = 25
SORTS = {
    "revenue": "c.revenue",
    "orders": "c.order_count",
    "last_order": "c.last_order_on",
    "churn": "c.churn_risk",
    "spend": "c.predicted_spend_90d",
    "name": "c.full_name",
}
FILTERS = {"group": "rfm_group", "churn": "churn_band", "value": "value_band", "state": "state", "city": "city"}
COLUMNS = (
    "customer_id", "full_name", "email", "phone", "city", "state", "rfm_group", "churn_risk", "churn_band",
    "value_band", "order_count", "revenue", "last_order_on", "recency_days", "predicted_spend_90d",
    "predicted_orders_90d", "source_count", "record_count", "is_provisional", "as_of_on",
)  # fmt: skip


@dataclass(frozen=True)
class Search:
    """What the list is asked for.

    Attributes
    ----------
    text : str
        Words that must all be found in name, pinyin, initials, e-mail or phone digits.
    filters : tuple of (str, str)
        Keys of `FILTERS` with the value wanted.
    provisional, with_orders : bool or None
        Wanted state; None for both.
    sort, descending : str, bool
        Key of `SORTS`.
    page, size : int
        Page from 1, rows per page.
    """

    text: str = ""
    filters: tuple[tuple[str, str], ...] = ()
    provisional: bool | None = None
    with_orders: bool | None = None
    sort: str = "revenue"
    descending: bool = True
    page: int = 1
    size: int = PAGE_SIZE

    @property
    def narrowed(self) -> bool:
        """Whether anything but order and page is asked."""
        return bool(self.text or self.filters) or self.provisional is not None or self.with_orders is not None


@dataclass(frozen=True)
class Directory:
    """One page of customers.

    Attributes
    ----------
    rows : list of dict
        Columns as `COLUMNS`; a masked value is None.
    total : int
        Customers found, over all pages.
    search : Search
        As answered: the page is never beyond the last one.
    """

    rows: list[dict[str, Any]]
    total: int
    search: Search

    @property
    def pages(self) -> int:
        """Number of pages, at least one."""
        return max(1, -(-self.total // self.search.size))

    @property
    def first(self) -> int:
        """Number of the first row shown, from 1; 0 when there is none."""
        return (self.search.page - 1) * self.search.size + 1 if self.rows else 0


def search(params: Mapping[str, str]) -> Search:
    """Return the search a query string asks for; what cannot be read is left out."""
    sort = params.get("sort", "")
    descending = not sort.startswith("+")
    name = sort.lstrip("+-")
    page = params.get("page", "1")
    return Search(
        params.get("q", "").strip()[:100],
        tuple((key, params[key][:100]) for key in FILTERS if params.get(key)),
        {"yes": True, "no": False}.get(params.get("provisional", "")),
        {"yes": True, "no": False}.get(params.get("orders", "")),
        name if name in SORTS else "revenue",
        descending if name in SORTS else True,
        max(1, int(page)) if page.isdecimal() and len(page) < 7 else 1,
    )


def directory(workspace: Workspace, wanted: Search) -> Directory:
    """Return one page of the customers found; one query, two when the page asked for is beyond the last."""
    sql, params = _select(wanted)
    offset = (wanted.page - 1) * wanted.size
    found = workspace.read(
        f"{sql} LIMIT {int(wanted.size)} OFFSET {int(offset)}",
        params,
        action="search" if wanted.text else "read",
        subject=_subject(wanted),
    )
    rows = found.dicts()
    if not rows and wanted.page > 1:
        return directory(workspace, replace(wanted, page=1))
    total = rows[0]["total"] if rows else 0
    return Directory(rows, total, wanted)


def everyone(workspace: Workspace, wanted: Search) -> tuple[tuple[str, ...], list[tuple[Any, ...]], int]:
    """Return columns, rows and snapshot of all customers found, for an export (audited as one)."""
    sql, params = _select(wanted)
    found = workspace.read(sql, params, action="export", subject=_subject(wanted))
    return COLUMNS, [row[: len(COLUMNS)] for row in found.rows], found.snapshot


def facets(workspace: Workspace) -> dict[str, list[tuple[str, int]]]:
    """Return the values of each filter with their number of customers, largest first; one query."""
    parts = [
        f"SELECT '{key}' AS facet, {column} AS name, count(*) AS customers FROM customer_360"
        f" WHERE {column} IS NOT NULL AND {column} <> '' GROUP BY ALL"
        for key, column in FILTERS.items()
        if key != "city"
    ]
    rows = workspace.read(
        " UNION ALL ".join(parts) + " ORDER BY facet, customers DESC, name", subject="page:facets"
    ).rows
    found: dict[str, list[tuple[str, int]]] = {key: [] for key in FILTERS}
    for facet, name, customers in rows:
        found[facet].append((name, customers))
    return found


def _select(wanted: Search) -> tuple[str, tuple[object, ...]]:
    where, params = ["true"], list[object]()
    for word in words(wanted.text):
        where.append("(contains(p.search_text, ?) OR lower(c.customer_id) = ?)")
        params += [word, word]
    for key, value in wanted.filters:
        where.append(f"c.{FILTERS[key]} = ?")
        params.append(value)
    if wanted.provisional is not None:
        where.append("c.is_provisional" if wanted.provisional else "NOT c.is_provisional")
    if wanted.with_orders is not None:
        where.append("c.order_count > 0" if wanted.with_orders else "coalesce(c.order_count, 0) = 0")
    join = "JOIN customer p USING (customer_id)" if wanted.text else ""
    way = "DESC" if wanted.descending else "ASC"
    columns = ", ".join(f"c.{name}" for name in COLUMNS)
    sql = (
        f"SELECT {columns}, count(*) OVER () AS total FROM customer_360 c {join} WHERE {' AND '.join(where)}"
        f" ORDER BY {SORTS[wanted.sort]} {way} NULLS LAST, c.customer_id"
    )
    return sql, tuple(params)


def words(text: str) -> list[str]:
    """Return what to look for: lower-case words; a phone number, however written, as its digits.

    Examples
    --------
    >>> words("Wang Fang"), words("(212) 555-0199")
    (['wang', 'fang'], ['2125550199'])
    """
    if re.fullmatch(r"[\d\s()+\-.]{5,}", text):
        digits = re.sub(r"\D", "", text)
        return [digits] if digits else []
    return text.lower().split()


def _subject(wanted: Search) -> str:
    if wanted.text:
        return f"search:{wanted.text}"  # kept as a keyed hash: what was typed may be personal data
    return "customers:" + (",".join(f"{key}={value}" for key, value in wanted.filters) or "all")
