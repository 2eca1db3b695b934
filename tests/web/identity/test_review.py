"""The review queue: a pair at a time, decided by whoever may, taken back by one button."""

from __future__ import annotations

import re

import pytest

from kehu.flow.jobs.orders import open_jobs

REVIEW = "/customers/review/"
ROLES = [("owner", 200), ("agent", 200), ("analyst", 403), ("marketer", 403), ("viewer", 403)]


def _pair(text: str) -> tuple[str, ...]:
    """Return the customers whose turn it is."""
    return tuple(re.findall(r'<th scope="col"><a href="/customers/([^/"]+)/"', text))


def _said(client, first, verdict, **more):
    return client.post(f"{REVIEW}decide/", {**first, "verdict": verdict, "after": "", **more})


@pytest.mark.parametrize(("role", "status"), ROLES)
def test_the_queue_is_open_to_whoever_may_decide(client_of, role, status):
    assert client_of(role).get(REVIEW).status_code == status


def test_a_refusal_says_so_plainly(client_of):
    assert "Your role does not open this page" in client_of("viewer").get(REVIEW).content.decode()


def test_both_customers_stand_side_by_side_with_differences_marked(client_of, first):
    text = client_of("owner").get(REVIEW).content.decode()

    assert _pair(text) == (first["left_customer"], first["right_customer"])
    assert '<tr class="mark-different"><th scope="row">Name</th>' in text
    assert '<tr class="mark-same"><th scope="row">Address</th>' in text
    assert '<span class="visually-hidden">different</span>' in text


def test_the_evidence_is_a_waterfall_from_the_prior_to_the_probability(client_of):
    text = client_of("owner").get(REVIEW).content.decode()

    steps = re.findall(r'<tr class="(up|down)"><th scope="row">([^<]+)<', text)
    assert steps == [
        ("down", "Before any evidence"), ("up", "Family name and home"), ("down", "Given name"), ("up", "Birth date"),
        ("down", "Gender"),
    ]  # fmt: skip
    assert "one pair in 6,209 is one customer" in text


@pytest.mark.parametrize("role", ["owner", "agent"])
@pytest.mark.parametrize("verdict", ["same", "different"])
def test_a_decided_pair_is_gone_at_once_and_waits_for_a_build(client_of, door, first, waits, role, verdict):
    client = client_of(role)
    before = re.search(r"(\d+) pairs left", client.get(REVIEW).content.decode())[1]

    answer = _said(client, first, verdict)
    page = client.get(answer["Location"]).content.decode()

    assert answer.status_code == 302
    assert first["left_customer"] not in _pair(page)
    assert f"{int(before) - 1} pairs left" in page
    assert "1 decided since the last build" in page
    (one,) = waits()
    assert (one.kind, one.about, one.actor) == (verdict, "review", f"{role}1")
    assert (one.left_key, one.right_key) == (first["left_key"], first["right_key"])


def test_many_decisions_order_one_build_of_the_systems_own(client_of, door, first):
    client = client_of("agent")

    for verdict in ("same", "different", "same"):
        _said(client, first, verdict)

    jobs = open_jobs(door.project_settings())
    kinds = {(job.kind, job.requester) for job in jobs.listed("waiting")}
    count = len(jobs.listed("waiting"))
    jobs.store.close()
    assert kinds == {("build", "system")}
    assert count <= 2  # a minute may have ended in between


def test_skipping_shows_the_next_pair_and_decides_nothing(client_of, first, waits):
    client = client_of("owner")
    after = re.search(r'href="/customers/review/\?after=([^"]+)"', client.get(REVIEW).content.decode())[1]

    page = client.get(f"{REVIEW}?after={after}").content.decode()

    assert len(_pair(page)) == 2
    assert first["left_customer"] not in _pair(page)
    assert waits() == []


def test_undoing_shows_the_pair_again(client_of, first):
    client = client_of("owner")
    _said(client, first, "same")

    answer = client.post(f"{REVIEW}undo/")

    page = client.get(answer["Location"]).content.decode()
    assert _pair(page) == (first["left_customer"], first["right_customer"])
    assert "0 decided since the last build" in page
    assert "the pair is open again" in page


def test_undoing_reaches_back_over_a_new_sign_in(client_of, first):
    _said(client_of("owner"), first, "same")

    client_of("owner").post(f"{REVIEW}undo/")

    page = client_of("owner").get(REVIEW).content.decode()
    assert _pair(page) == (first["left_customer"], first["right_customer"])
    assert "Undo the last" not in page


def test_undoing_nothing_changes_nothing(client_of, waits):
    assert client_of("owner").post(f"{REVIEW}undo/").status_code == 302
    assert waits() == []


def test_htmx_gets_the_next_pair_alone_with_what_was_kept(client_of, first):
    client = client_of("owner")

    part = client.post(f"{REVIEW}decide/", {**first, "verdict": "same"}, headers={"hx-request": "true"})

    text = part.content.decode()
    assert part.status_code == 200
    assert text.lstrip().startswith('<section id="turn"')
    assert 'hx-swap-oob="true"' in text
    assert "<html" not in text


def test_the_end_of_the_queue_says_how_to_begin_again(client_of):
    page = client_of("owner").get(f"{REVIEW}?after=0.0:z:z").content.decode()

    assert "pairs were skipped" in page
    assert "Begin again" in page


@pytest.mark.parametrize("change", [{"verdict": "perhaps"}, {"left_key": "nobody"}, {"left_source": ""}])
def test_nonsense_decides_nothing(client_of, first, waits, change):
    answer = client_of("owner").post(f"{REVIEW}decide/", {**first, "verdict": "same", **change})

    assert answer.status_code == 404
    assert waits() == []


def test_a_place_that_is_none_is_not_found(client_of):
    assert client_of("owner").get(f"{REVIEW}?after=nonsense").status_code == 404


@pytest.mark.parametrize("path", ["review/decide/", "review/undo/", "decisions/d1/undo/"])
def test_decisions_come_by_the_post_of_whoever_may_alone(client_of, client, first, waits, path):
    from django.test import Client

    strict = Client(enforce_csrf_checks=True, headers={"host": "127.0.0.1"})
    strict.cookies = client_of("owner").cookies
    form = {**first, "verdict": "same"}

    assert client_of("owner").get(f"/customers/{path}").status_code == 405
    assert client_of("analyst").post(f"/customers/{path}", form).status_code == 403
    assert client_of("viewer").post(f"/customers/{path}", form).status_code == 403
    assert strict.post(f"/customers/{path}", form).status_code == 403
    assert client.post(f"/customers/{path}", form, headers={"host": "127.0.0.1"}).status_code == 302
    assert waits() == []
