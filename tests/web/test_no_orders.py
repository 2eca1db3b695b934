"""A company that knows its customers and has no orders yet: every page works, and says so."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.usefixtures("at_contacts")

PAGES = (
    "/customers/", "/customers/?sort=orders&orders=no", "/customers/C00003/", "/customers/C00003/timeline/",
    "/customers/C00010/", "/customers/C00003/evidence/", "/customers/identity/", "/customers/review/",
    "/customers/C00003/merge/", "/customers/C00003/merge/C00006/", "/scorers/", "/quarantine/", "/operations/",
)  # fmt: skip


def test_overview_shows_what_is_there_and_how_to_add_orders(client_of):
    text = client_of("owner").get("/").content.decode()

    assert "No orders yet" in text
    assert "from 6 sources" in text
    for figure in ("400", "1,000", "50", "2"):  # customers, records, households, organizations
        assert f'<dd class="figure">{figure}</dd>' in text
    assert 'class="button primary" href="/customers/"' in text
    assert 'class="button" href="/customers/identity/"' in text
    assert "kehu source add shop orders.csv" in text


def test_overview_speaks_chinese(client_of):
    text = client_of("owner").get("/", headers={"accept-language": "zh-CN,zh;q=0.9"}).content.decode()

    assert "还没有订单" in text
    assert "No orders" not in text


@pytest.mark.parametrize("role", ["analyst", "marketer", "agent", "viewer"])
def test_every_role_reads_the_overview(client_of, role):
    answer = client_of(role).get("/")

    assert answer.status_code == 200
    assert 'href="/quarantine/">0' not in answer.content.decode()  # only the owner sees rejected rows


@pytest.mark.slow
@pytest.mark.parametrize("path", PAGES)
def test_every_other_page_works(client_of, path):
    assert client_of("owner").get(path).status_code == 200


def test_a_chart_that_is_not_there_has_no_file(client_of):
    assert client_of("owner").get("/overview/revenue.csv").status_code == 404


def test_who_never_ordered_is_shown_without_figures(client_of):
    text = client_of("owner").get("/customers/C00003/").content.decode()

    assert "no orders" in text
    assert "NaN" not in text
