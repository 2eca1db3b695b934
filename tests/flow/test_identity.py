"""Joining and parting customers by hand, end to end: what moves, what comes back, what binds."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

import kehu
from kehu.base.errors import AccessError, QueryError, TableError
from kehu.flow import identity, pipeline
from kehu.flow.project import init
from kehu.flow.source import propose, write
from kehu.warehouse.lake import Lake

sys.path.append(str(Path(__file__).parent))
from towns import BUILT  # beside this file

pytestmark = pytest.mark.slow

FILES = {
    "crm": ("customer_record", ("contact id,name,email,phone,address,city,postcode\n"
        "1,Ann Archer,ann@example.com,+14155550101,12 Elm Street,Rome,00100\n"
        "2,Ann Archer,ann@example.com,,12 Elm Street,Rome,00100\n"
        "3,Bob Baker,bob@work.org,+14155550102,7 Oak Lane,Oslo,0150\n"
        "4,Bea Baker,bea@home.net,+14155550103,7 Oak Lane,Oslo,0150\n"
        "5,王芳,wang@example.cn,+8613912345678,南京路1号,上海,200000\n")),
    "shop": ("orders", ("order no,date,email,phone,total\nW1,2024-01-01 10:00:00,ann@example.com,,10.00\n"
        "W2,2024-01-02 10:00:00,bob@work.org,,20.00\nW3,2024-01-03 10:00:00,new@nobody.com,,30.00\n")),
    "desk": ("interaction", ("ticket id,created at,requester email,subject,kind\n"
        "T1,2024-02-01 09:00:00,bob@work.org,Where?,ticket\nT2,2024-02-02 09:00:00,new@nobody.com,Why?,ticket\n")),
    "survey": ("survey_response", ("response id,answered at,email,nps score,comment\n"
        "A1,2024-03-01 12:00:00,bob@work.org,9,Fine\nA2,2024-03-02 12:00:00,ann@example.com,3,Slow\n")),
}  # fmt: skip
LINKS_BOTH = "6,Ann Archer,ann@example.com,+14155550102,7 Oak Lane,Oslo,0150\n"
FACTS = ("orders", "interaction", "survey_response")
SHOWN = {
    "customer_xref": "source, source_key, customer_id, home_id, founded_id",
    **dict.fromkeys(("customer", "customer_value", *FACTS, "household_member"), "*"),
}
WRONG = """/*
description: A table that is wrong.
grain: one row
kind: full
key: [n]
owner: tests
columns:
  n: {type: INTEGER, meaning: a number}
checks: [n > 1]
*/
SELECT 1 AS n
"""


class Shop:
    """A project, and what is read from its newest build."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.home = folder, folder / "project"

    def project(self, as_: str = "") -> Any:
        return kehu.open(self.home, as_=as_) if as_ else kehu.open(self.home)

    def build(self, *names: str, full: bool = False) -> None:
        pipeline.build(self.project(), names or BUILT, full=full)

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        return Lake(self.home / "data/main").reader().execute(sql).rows

    def shown(self) -> dict[str, list[str]]:
        return {name: sorted(map(repr, self.ask(f"SELECT {what} FROM {name}"))) for name, what in SHOWN.items()}

    def of(self, key: str, source: str = "crm") -> str:
        ((found,),) = self.ask(
            f"SELECT customer_id FROM customer_xref WHERE source = '{source}' AND source_key = '{key}'"
        )
        return str(found)

    def joining(self, customer: str) -> str:
        where = f"rule = 'decided' AND ended_at IS NULL AND customer_id = '{customer}'"
        return str(self.ask(f"SELECT merge_id FROM merge_event WHERE {where}")[0][0])

    def add_contact(self, line: str) -> None:
        with (self.folder / "crm.csv").open("a", encoding="utf-8") as file:
            file.write(line)
        pipeline.collect(self.project(), ["crm"])


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """Ann (two records), Bob and Bea (one home), 王芳, and one whom no record knows, built: only to be copied."""
    shop = Shop(tmp_path_factory.mktemp("identity"))
    init(shop.home, settings='name = "Acme"\ntime_zone = "UTC"\ncurrency = "EUR"\nregion = "US"\n')
    for name, (entity, text) in FILES.items():
        path = shop.folder / f"{name}.csv"
        path.write_text(text, encoding="utf-8")
        write(shop.project(), propose(shop.project(), name, path, entity=entity))
    pipeline.collect(shop.project())
    shop.build()
    return shop


@pytest.fixture
def shop(built: Shop, tmp_path: Path) -> Shop:
    copied = Shop(shutil.copytree(built.folder, tmp_path / "shop"))
    for path in (copied.home / "sources").glob("*.yml"):  # its own files, not those of the one it was copied from
        path.write_text(
            path.read_text(encoding="utf-8").replace(str(built.folder), str(copied.folder)), encoding="utf-8"
        )
    return copied


def test_a_merge_moves_everything_and_every_way_back_gives_both_as_they_were(shop: Shop) -> None:
    ann, bob, before = shop.of("1"), shop.of("3"), shop.shown()

    joined = identity.merge(shop.project(), ann, bob, reason="a pseudonym")
    shop.build()
    merged = shop.shown()
    parted = identity.unmerge(shop.project(), shop.joining(ann))
    shop.build()
    back = shop.shown()
    identity.undo(shop.project(), parted.decision_id)
    shop.build()
    again = shop.shown()
    identity.undo(shop.project(), joined.decision_id)
    shop.build()

    assert (joined.kind, joined.pairs, joined.customers) == ("same", 1, (ann, bob))
    assert not any(bob in row for table in ("customer", "customer_value", *FACTS) for row in merged[table])
    assert [sum(ann in row for row in merged[table]) for table in FACTS] == [2, 1, 2]
    assert merged["household_member"] != before["household_member"] != []
    assert back == before
    assert again == merged
    assert shop.shown() == before
    assert shop.ask("SELECT count(*) FROM identity_decision") == [(6,)]


def test_what_was_parted_stays_apart_also_in_full_builds_and_when_a_record_links_both(shop: Shop) -> None:
    ann, bob = shop.of("1"), shop.of("3")
    identity.merge(shop.project(), ann, bob)
    shop.build()
    identity.unmerge(shop.project(), shop.joining(ann))
    shop.build()

    shop.add_contact(LINKS_BOTH)
    shop.build()
    after = (shop.of("1"), shop.of("3"), shop.of("6"))
    shop.build(full=True)

    assert after[:2] == (ann, bob)
    assert after[2] in (ann, bob)
    assert (shop.of("1"), shop.of("3"), shop.of("6")) == after


def test_decisions_of_the_review_queue_bind_and_are_taken_back(shop: Shop) -> None:
    before = shop.shown()
    same = identity.decide(shop.project("agent"), ("crm", "3"), ("crm", "4"), "same")
    different = identity.decide(shop.project("agent"), ("crm", "1"), ("crm", "2"), "different")
    shop.build()
    decided = [shop.of(key) for key in "1234"]

    identity.undo(shop.project("agent"), same.decision_id)
    identity.undo(shop.project("agent"), different.decision_id)
    shop.build(full=True)

    assert decided[2] == decided[3]
    assert decided[0] != decided[1]
    assert {name: rows for name, rows in shop.shown().items() if name != "customer_xref"} == {
        name: rows for name, rows in before.items() if name != "customer_xref"
    }


def test_decisions_wait_through_a_failed_build_and_are_taken_in_once(shop: Shop) -> None:
    ann, bob = shop.of("1"), shop.of("3")
    wrong = shop.home / "tables" / "wrong.sql"
    wrong.write_text(WRONG, encoding="utf-8")
    identity.merge(shop.project(), ann, bob)

    with pytest.raises(TableError, match="n > 1"):
        shop.build("customer", "wrong")
    waiting, published = len(identity.waiting(shop.project())), shop.of("3")
    wrong.unlink()
    shop.build()

    assert (waiting, published) == (1, bob)
    assert shop.of("3") == ann
    assert identity.waiting(shop.project()) == []
    assert shop.ask("SELECT count(*) FROM identity_decision") == [(1,)]


def test_a_build_of_other_tables_takes_decisions_in_and_the_next_one_shows_them(shop: Shop) -> None:
    ann, bob = shop.of("1"), shop.of("3")
    identity.merge(shop.project(), ann, bob)

    shop.build("store")
    between = shop.of("3"), shop.ask("SELECT count(*) FROM identity_decision"), identity.waiting(shop.project())
    shop.build()

    assert between == (bob, [(1,)], [])
    assert shop.of("3") == ann


def test_a_circle_of_waiting_merges_is_one_customer_with_the_id_chosen_last(shop: Shop) -> None:
    ann, bob, bea = shop.of("1"), shop.of("3"), shop.of("4")

    for into, other in ((ann, bob), (bob, bea), (bea, ann)):
        identity.merge(shop.project(), into, other)
    shop.build()

    assert {shop.of(key) for key in "1234"} == {bea}


def test_a_customer_whom_no_record_knows_is_joined_and_parted_whole(shop: Shop) -> None:
    ann, new, before = shop.of("1"), shop.of("new@nobody.com", "shop"), shop.shown()

    identity.merge(shop.project(), ann, new)
    shop.build()
    merged = (shop.of("new@nobody.com", "shop"), shop.of("new@nobody.com", "desk"))
    identity.unmerge(shop.project(), shop.joining(ann))
    shop.build()

    assert merged == (ann, ann)
    assert shop.shown() == before


def test_a_reference_that_was_parted_from_its_customer_stays_parted(shop: Shop) -> None:
    bob, sql = shop.of("3"), "SELECT merge_id FROM merge_event WHERE source = 'shop' AND source_key = 'bob@work.org'"
    ((joining,),) = shop.ask(sql)

    identity.unmerge(shop.project(), joining)
    shop.build()
    parted = shop.of("bob@work.org", "shop")
    shop.build(full=True)

    assert bob != parted == shop.of("bob@work.org", "shop")
    assert shop.of("bob@work.org", "desk") == shop.of("3") == bob


def test_a_reference_that_people_moved_goes_home_when_all_they_joined_is_parted(shop: Shop) -> None:
    before = shop.shown()
    moved = identity.decide(shop.project(), ("desk", "bob@work.org"), ("shop", "new@nobody.com"), "same")
    shop.build()
    identity.merge(shop.project(), bob := shop.of("3"), shop.of("new@nobody.com", "shop"))
    shop.build()
    of_bob = f"rule = 'decided' AND customer_id = '{bob}' AND 'crm' IN (source, into_source)"
    ((joined,),) = shop.ask(f"SELECT merge_id FROM merge_event WHERE {of_bob}")
    identity.unmerge(shop.project(), joined)
    shop.build()
    assert (shop.of("3"), shop.of("bob@work.org", "desk")) == (bob, shop.of("new@nobody.com", "shop"))
    identity.undo(shop.project(), moved.decision_id)
    shop.build()

    assert shop.shown() == before


def test_only_owners_and_agents_decide(built: Shop) -> None:
    with pytest.raises(AccessError):
        identity.merge(built.project("viewer"), built.of("1"), built.of("3"))
    with pytest.raises(AccessError):
        identity.waiting(built.project("viewer"))


@pytest.mark.parametrize(
    ("do", "what"),
    [
        (lambda shop: identity.merge(shop.project(), shop.of("1"), shop.of("1")), "are one customer already"),
        (lambda shop: identity.merge(shop.project(), shop.of("1"), "cdeadbeef"), "no customer 'cdeadbeef'"),
        (lambda shop: identity.unmerge(shop.project(), "nope"), "no joining 'nope'"),
        (lambda shop: identity.undo(shop.project(), "nope"), "no decision 'nope'"),
        (lambda shop: identity.decide(shop.project(), ("crm", "1"), ("crm", "99"), "same"), "no record crm:99"),
        (lambda shop: identity.decide(shop.project(), ("crm", "1"), ("crm", "1"), "same"), "cannot be said"),
        (lambda shop: identity.decide(shop.project(), ("crm", "1"), ("crm", "3"), "maybe"), "'maybe' cannot be said"),
    ],
)
def test_what_cannot_be_decided_is_told_with_what_to_do(built: Shop, do: Any, what: str) -> None:
    with pytest.raises(QueryError, match=what) as raised:
        do(built)

    assert raised.value.fix
    assert identity.waiting(built.project()) == []


def test_a_joining_that_ended_and_a_decision_that_was_taken_back_are_told_so(shop: Shop) -> None:
    joined = identity.merge(shop.project(), shop.of("1"), shop.of("3"))
    shop.build()
    ended = shop.joining(shop.of("1"))
    identity.undo(shop.project(), joined.decision_id)
    shop.build()

    with pytest.raises(QueryError, match="no longer holds"):
        identity.unmerge(shop.project(), ended)
    with pytest.raises(QueryError, match="no longer holds"):
        identity.undo(shop.project(), joined.decision_id)
