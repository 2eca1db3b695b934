"""Who gets which page, what it costs, and what a mask leaves out."""

from __future__ import annotations

import csv
import io
import re

import pytest

from kehu.govern.control import Control

PAGES = ("/", "/customers/", "/customers/C00003/", "/customers/C00003/timeline/", "/scorers/", "/quarantine/")
EXPORTS = ("/overview/revenue.csv", "/overview/rfm.csv", "/overview/churn.csv", "/overview/retention.csv",
           "/customers/export.csv", "/customers/export.xlsx")  # fmt: skip
SECRETS = ("person3@example.com", "刘芳")


@pytest.fixture
def counted(door, monkeypatch):
    """Count the reads of the lake."""
    from kehu.govern.workspace import Workspace

    seen = []
    real = Workspace.read
    monkeypatch.setattr(
        Workspace, "read", lambda self, sql, *rest, **named: seen.append(sql) or real(self, sql, *rest, **named)
    )
    return seen


@pytest.mark.slow
@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("role", ["owner", "analyst", "marketer", "agent", "viewer"])
def test_every_role_reads_every_page(client_of, role, path):
    assert client_of(role).get(path).status_code == 200


@pytest.mark.parametrize("path", [*PAGES, *EXPORTS])
def test_a_stranger_is_sent_to_sign_in(client, door, db, path):
    answer = client.get(path, headers={"host": "127.0.0.1"})

    assert answer.status_code == 302
    assert answer["Location"].startswith("/sign-in/")


@pytest.mark.slow
@pytest.mark.parametrize("path", EXPORTS)
@pytest.mark.parametrize(
    ("role", "status"), [("owner", 200), ("analyst", 200), ("marketer", 200), ("agent", 403), ("viewer", 403)]
)
def test_exports_follow_the_role(client_of, role, status, path):
    assert client_of(role).get(path).status_code == status


@pytest.mark.parametrize("role", ["analyst", "marketer", "viewer"])
@pytest.mark.parametrize("path", ["/customers/", "/customers/C00003/", "/customers/C00003/timeline/"])
def test_personal_data_is_absent_behind_the_mask(client_of, role, path):
    text = client_of(role).get(path).content.decode()

    assert not any(secret in text for secret in SECRETS)
    assert not re.search(r"person\d+@example|\+1212555", text)


def test_export_is_masked_like_the_page(client_of):
    text = client_of("analyst").get("/customers/export.csv").content.decode("utf-8-sig")

    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == 400
    assert {row["email"] for row in rows} == {""}


def test_export_is_written_in_the_audit_log_with_its_rows(client_of, company):
    client_of("analyst").get("/customers/export.csv?group=champions")

    control = Control(company / "data" / "control.sqlite")
    (body,) = control.rows("SELECT body FROM audit ORDER BY seq DESC LIMIT 1")[0]
    control.close()
    assert '"export"' in body
    assert "analyst1" in body


def test_owner_sees_what_the_mask_hides(client_of):
    text = client_of("owner").get("/customers/C00003/").content.decode()

    assert all(secret in text for secret in SECRETS)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("wang fang", "王"),
        ("王芳", "王"),
        ("person3@example.com", "C00003"),
        ("(212) 555-0003", "C00003"),
        ("c00003", "C00003"),
    ],
)
def test_search_reads_names_pinyin_mail_and_phones(client_of, words, found):
    answer = client_of("owner").get("/customers/", {"q": words})

    assert found in answer.content.decode()


def test_search_without_a_hit_offers_a_way_back(client_of):
    text = client_of("owner").get("/customers/", {"q": "nobody at all"}).content.decode()

    assert "No customer found" in text
    assert "Show everyone" in text


def test_a_page_beyond_the_last_shows_the_first(client_of):
    assert "Page 1 of 16" in client_of("owner").get("/customers/?page=999").content.decode()


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("/", 5),
        ("/customers/", 2),
        ("/customers/C00003/evidence/", 4),
        ("/customers/C00003/", 8),
        ("/scorers/", 1),
        ("/quarantine/", 3),
    ],
)
def test_pages_ask_the_lake_few_times(client_of, counted, path, most):
    client_of("owner").get(path)

    assert len(counted) <= most


def test_evidence_is_asked_for_when_opened(client_of):
    page = client_of("owner").get("/customers/C00003/").content.decode()
    part = client_of("owner").get("/customers/C00003/evidence/", headers={"hx-request": "true"}).content.decode()

    assert 'hx-get="/customers/C00003/evidence/"' in page
    assert "Same e-mail" not in page
    assert "Same e-mail" in part
    assert "<html" not in part


@pytest.mark.parametrize(("role", "status"), [("owner", 200), ("agent", 200), ("viewer", 403)])
def test_evidence_follows_the_role(client_of, role, status):
    assert client_of(role).get("/customers/C00003/evidence/").status_code == status


def test_golden_record_speaks_in_words(client_of):
    text = client_of("owner").get("/customers/C00003/").content.decode()

    assert "Male" in text
    assert "household, 2 people" in text
    assert "+1 212 555 0001" in client_of("owner").get("/customers/C00001/").content.decode()


def test_htmx_gets_the_table_alone(client_of):
    part = client_of("owner").get("/customers/", headers={"hx-request": "true"}).content.decode()

    assert part.lstrip().startswith("<section")
    assert "<html" not in part


@pytest.mark.parametrize(
    "path", ["/customers/absent/", "/customers/C00003/orders/absent", "/overview/absent.csv", "/absent"]
)
def test_absent_things_are_404_with_a_way_back(client_of, path):
    answer = client_of("owner").get(path)

    assert answer.status_code == 404
    assert 'href="/"' in answer.content.decode()


@pytest.mark.slow
@pytest.mark.parametrize(
    "query",
    [
        "days=0",
        "days=x",
        "from=2017-13-45&to=x",
        "from=2200-01-01&to=1900-01-01",
        "compare=%3Cscript%3E",
        "page=-1&sort=;drop",
        "sort=%2Bname&orders=maybe",
    ],
)
@pytest.mark.parametrize("path", ["/", "/customers/"])
def test_nonsense_in_an_address_is_answered_plainly(client_of, path, query):
    assert client_of("owner").get(f"{path}?{query}").status_code == 200


def test_pages_are_not_stale_in_chinese(client_of):
    text = client_of("owner").get("/", headers={"accept-language": "zh-CN,zh;q=0.9"}).content.decode()

    assert "概览" in text
    assert "Overview" not in text


def test_a_get_changes_nothing(client_of):
    client = client_of("owner")

    assert [client.get(path).status_code for path in ("/sign-out/", "/theme/", "/language/")] == [405, 405, 405]


def test_pages_carry_strict_headers(client_of):
    answer = client_of("owner").get("/")

    assert "unsafe" not in answer["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"


def test_nothing_published_says_what_to_run(client_of, door, monkeypatch):
    from kehu.govern.workspace import Workspace

    monkeypatch.setattr(Workspace, "snapshot", lambda self: None)

    text = client_of("owner").get("/").content.decode()

    assert "kehu run" in text


@pytest.mark.parametrize(
    ("role", "searches", "exports"), [("owner", True, True), ("agent", True, False), ("viewer", False, False)]
)
def test_pages_offer_only_what_the_role_may_do(client_of, role, searches, exports):
    text = client_of(role).get("/customers/").content.decode()

    assert ('name="q"' in text) is searches
    assert ("export.csv" in text) is exports
