"""Merging by hand and undoing a joining: a page says what will happen, a POST does it."""

from __future__ import annotations

import pytest

MERGE = "/customers/C00003/merge/C00006/"
SEARCH = "/customers/C00003/merge/"


@pytest.mark.parametrize(("role", "status"), [("owner", 200), ("agent", 200), ("analyst", 403), ("viewer", 403)])
def test_pages_of_merging_are_open_to_whoever_may_decide(client_of, joining, role, status):
    paths = (SEARCH, MERGE, f"/customers/C00003/joinings/{joining}/")

    assert [client_of(role).get(path).status_code for path in paths] == [status] * 3


def test_search_finds_others_and_leads_to_the_preview(client_of):
    text = client_of("agent").get(SEARCH, {"q": "person6@example.com"}).content.decode()

    assert f'href="{MERGE}"' in text
    assert 'href="/customers/C00003/merge/C00003/"' not in text


def test_search_leads_back_by_name_and_knows_who_is_unknown(client_of):
    client = client_of("owner")
    name = client.get("/customers/C00003/").content.decode().split("<title>")[1].split(" · ")[0].strip()

    assert f"</svg>{name}</a></p>" in client.get(SEARCH).content.decode()
    assert client.get("/customers/C99999/merge/").status_code == 404


def test_search_without_a_hit_says_so(client_of):
    assert "Nobody else fits" in client_of("owner").get(SEARCH, {"q": "nobody at all"}).content.decode()


def test_preview_shows_both_values_and_which_wins(client_of):
    text = client_of("owner").get(MERGE).content.decode()

    assert "刘芳" in text
    assert "person6@example.com" in text
    assert "The newest value" in text or "In most records" in text
    assert "What moves" in text


def test_merging_waits_for_the_build_and_stands_on_the_page(client_of, waits):
    client = client_of("agent")

    answer = client.post(MERGE, {"reason": "one phone call"})

    assert answer["Location"] == "/customers/C00003/"
    (one,) = waits()
    assert (one.kind, one.survivor, one.reason, one.actor) == ("same", "C00003", "one phone call", "agent1")
    text = client.get("/customers/C00003/").content.decode()
    assert "Waits for the next build" in text
    assert f'action="/customers/decisions/{one.decision_id}/undo/"' in text
    assert "Waits for the next build" in client.get("/customers/C00006/").content.decode()


def test_a_decision_is_taken_back_where_it_is_shown(client_of, waits):
    client = client_of("owner")
    client.post(MERGE)

    answer = client.post(f"/customers/decisions/{waits()[0].decision_id}/undo/", {"next": "/customers/C00003/"})

    assert answer["Location"] == "/customers/C00003/"
    assert [one.kind for one in waits()] == ["same", "withdrawn"]
    assert "Waits for the next build" not in client.get("/customers/C00003/").content.decode()


def test_taking_back_leads_to_no_other_site(client_of, waits):
    client = client_of("owner")
    client.post(MERGE)

    answer = client.post(f"/customers/decisions/{waits()[0].decision_id}/undo/", {"next": "https://example.com/"})

    assert answer["Location"] == "/customers/identity/"


def test_undoing_says_first_which_two_customers_there_will_be(client_of, joining):
    text = client_of("owner").get(f"/customers/C00003/joinings/{joining}/").content.decode()

    assert "<code>C00003</code> <small>keeps its id</small>" in text
    assert "<code>S00003</code> <small>gets its former id back</small>" in text


def test_an_undone_joining_waits_and_is_marked_in_the_evidence(client_of, joining, waits):
    client = client_of("agent")

    client.post(f"/customers/C00003/joinings/{joining}/", {"reason": "father and son"})

    assert {one.kind for one in waits()} == {"different"}
    assert {one.about for one in waits()} == {joining}
    text = client.get("/customers/C00003/evidence/").content.decode()
    assert "Undone with the next build" in text


def test_evidence_offers_undoing_and_merging_to_whoever_may(client_of, joining):
    text = client_of("owner").get("/customers/C00003/evidence/").content.decode()

    assert f'href="/customers/C00003/joinings/{joining}/"' in text
    assert 'href="/customers/C00003/merge/C00002/"' in text
    assert "A person said that they are two" in text


@pytest.mark.parametrize(
    "path",
    ["C00003/merge/C00003/", "C00003/merge/absent/", "absent/merge/C00003/", "C00003/joinings/absent/"],
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_what_is_not_there_is_not_found(client_of, waits, method, path):
    assert getattr(client_of("owner"), method)(f"/customers/{path}").status_code == 404
    assert waits() == []


def test_a_joining_of_another_customer_is_not_found(client_of, joining, waits):
    assert client_of("owner").post(f"/customers/C00002/joinings/{joining}/").status_code == 404
    assert waits() == []


def test_merging_takes_a_form_of_this_app(client_of, joining, waits):
    from django.test import Client

    strict = Client(enforce_csrf_checks=True, headers={"host": "127.0.0.1"})
    strict.cookies = client_of("owner").cookies

    for path in (MERGE, f"/customers/C00003/joinings/{joining}/"):
        assert strict.post(path).status_code == 403
        assert client_of("analyst").post(path).status_code == 403
    assert waits() == []
