"""The page of how far who is who may be trusted."""

from __future__ import annotations

import re

import pytest

PAGE = "/customers/identity/"


@pytest.mark.parametrize("role", ["owner", "agent", "analyst", "marketer", "viewer"])
def test_everybody_sees_the_figures(client_of, role):
    answer = client_of(role).get(PAGE)

    assert answer.status_code == 200
    assert "Expected precision" in answer.content.decode()


def test_figures_are_those_of_the_tables(client_of, company):
    from kehu.flow.project import open_project

    known = open_project(company).workspace.read("SELECT measure, value FROM identity_quality WHERE detail = ''").rows
    text = client_of("owner").get(PAGE).content.decode()

    figures = re.findall(r'<dd class="figure">([^<]+)</dd>', text)
    measures = dict(known)
    assert figures[:2] == [f"{measures['customers']:,.0f}", f"{measures['records']:,.0f}"]
    assert figures[2:] == [f"{measures['expected_precision']:.2%}", f"{measures['expected_recall']:.1%}"]


@pytest.mark.parametrize(("role", "offered"), [("owner", True), ("agent", True), ("viewer", False)])
def test_the_queue_and_suspicious_customers_are_offered_to_whoever_may_see_them(client_of, role, offered):
    text = client_of(role).get(PAGE).content.decode()

    assert ('href="/customers/review/"' in text) is offered
    assert ("Which customers they are is open to" not in text) is offered


def test_suspicious_customers_stand_there_with_their_reason(client_of):
    text = client_of("owner").get(PAGE).content.decode()

    assert "A person said same, and it could not be kept" in text


def test_decisions_wait_there_and_are_taken_back(client_of, waits):
    client = client_of("owner")
    client.post("/customers/C00003/merge/C00006/", {"reason": "one phone call"})

    text = client.get(PAGE).content.decode()
    client.post(f"/customers/decisions/{waits()[0].decision_id}/undo/", {"next": PAGE})

    assert "one phone call" in text
    assert "Nothing waits" in client.get(PAGE).content.decode()


def test_every_page_leads_there(client_of):
    assert f'href="{PAGE}"' in client_of("viewer").get("/scorers/").content.decode()
