from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from kehu.base.errors import AccessError, LakeError, QueryError, SettingsError
from kehu.govern import workspace as door
from kehu.govern.access import Access
from kehu.govern.users import add_user
from kehu.govern.workspace import Workspace, open_workspace

if TYPE_CHECKING:
    from pathlib import Path

    from kehu.warehouse.catalog import Catalog


@pytest.fixture
def shop(tmp_path: Path, catalog: Catalog) -> Workspace:
    """A workspace of its own, for tests that write."""
    (tmp_path / "kehu.toml").write_text('name = "Acme"\n')
    return open_workspace(tmp_path, catalog=catalog)


def last(workspace: Workspace) -> tuple[str, str, str, str, int, str]:
    event = workspace.audit.lines(last=1)[0].event
    return event.actor, event.action, event.subject, event.text, event.rows, event.outcome


def test_read_masks_for_a_viewer_and_not_for_an_agent(owner: Workspace, viewer: Workspace) -> None:
    sql = "SELECT full_name FROM customer WHERE customer_id = ?"

    assert viewer.read(sql, ("c1",)).value() is None
    assert owner.acting("agent").read(sql, ("c1",)).value() == "Ann Smith"
    assert owner.read(sql, ("c1",)).value() == "Ann Smith"


def test_arrow_is_masked_like_read(viewer: Workspace) -> None:
    table = viewer.arrow("SELECT email, city FROM customer ORDER BY customer_id")

    assert table.column("email").null_count == 3
    assert table.column("city").to_pylist() == ["Boston", "Wuhan", "Boston"]


def test_own_sql_may_use_functions_that_people_may_not(viewer: Workspace) -> None:
    assert viewer.read("SELECT count(*) FROM range(3)").value() == 3


def test_own_sql_reads_with_recursion(viewer: Workspace) -> None:
    sql = "WITH RECURSIVE t AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM t WHERE n < 4) SELECT max(n) FROM t"

    assert viewer.read(sql).value() == 4


def test_masked_columns_keep_their_types(viewer: Workspace, owner: Workspace) -> None:
    sql = "SELECT * FROM customer ORDER BY customer_id"

    assert viewer.arrow(sql).schema == owner.arrow(sql).schema


def test_a_table_the_catalog_does_not_know_is_personal_throughout(shop: Workspace) -> None:
    with shop.write("build", publish=True) as writer:
        writer.replace("surprise", "SELECT 'ann@x.com' AS anything")

    assert shop.acting("viewer").read("SELECT anything FROM surprise").value() is None
    assert shop.acting("agent").read("SELECT anything FROM surprise").value() == "ann@x.com"


def test_sees_follows_the_policy(owner: Workspace, viewer: Workspace) -> None:
    assert viewer.sees("customer")
    assert not viewer.sees("quarantine")
    assert owner.sees("quarantine")


def test_only_owners_write(viewer: Workspace) -> None:
    with pytest.raises(AccessError, match="may not write"), viewer.write("no", publish=True):
        pass

    with pytest.raises(AccessError):
        viewer.append("score", pa.table({"a": [1]}))
    assert last(viewer)[5] == "refused"


def test_appended_facts_can_be_read_only_after_the_next_publication(shop: Workspace) -> None:
    with shop.write("first", publish=True) as writer:
        writer.replace("score", "SELECT 1 AS value")
    shop.append("score", pa.table({"value": [2]}))
    before = shop.read("SELECT count(*) FROM score").value()
    with pytest.raises(LakeError, match="no published snapshot"):
        shop.query("SELECT * FROM score", at=shop.snapshot().id + 1)
    with shop.write("second", publish=True) as writer:
        writer.replace("done", "SELECT true AS ok")

    assert before == 1
    assert shop.read("SELECT count(*) FROM score").value() == 2


def test_a_new_snapshot_is_noticed_and_an_old_one_can_be_asked(shop: Workspace) -> None:
    for number in (1, 2):
        with shop.write(f"build {number}", publish=True) as writer:
            writer.replace("orders", f"SELECT {number} AS amount")
        if number == 1:
            first = shop.query("SELECT amount FROM orders")
    viewer = shop.acting("viewer")

    assert viewer.query("SELECT count(amount) FROM orders").snapshot > first.snapshot
    assert shop.query("SELECT amount FROM orders").value() == 2
    assert shop.query("SELECT amount FROM orders", at=first.snapshot).value() == 1


def test_before_the_first_build_the_error_says_what_to_run(shop: Workspace) -> None:
    assert shop.snapshot() is None
    with pytest.raises(LakeError, match="kehu run"):
        shop.query("SELECT 1")


def test_query_returns_at_most_the_limit(viewer: Workspace) -> None:
    assert len(viewer.query("SELECT * FROM orders", limit=2).rows) == 2
    assert len(viewer.query("SELECT * FROM orders LIMIT 3", limit=2).rows) == 2
    assert len(viewer.query("SELECT * FROM orders LIMIT 1", limit=2).rows) == 1
    assert len(viewer.query("(SELECT * FROM orders)", limit=2).rows) == 2
    assert len(viewer.query("SELECT * FROM orders FETCH FIRST 3 ROWS ONLY", limit=2).rows) == 2
    assert len(viewer.query("SELECT order_id FROM orders UNION ALL SELECT city FROM customer", limit=5).rows) == 5


@pytest.mark.parametrize("limit", ["(1 + 2)", "?", "10 PERCENT", "10%", "(SELECT 1)"])
def test_a_limit_that_is_no_number_is_refused(viewer: Workspace, limit: str) -> None:
    with pytest.raises(QueryError):
        viewer.query(f"SELECT * FROM orders LIMIT {limit}")


def test_too_many_rows_are_an_error_and_never_cut(viewer: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "ROWS", 3)

    with pytest.raises(QueryError, match="more than 3 rows"):
        viewer.query("SELECT * FROM orders")
    assert len(viewer.query("SELECT * FROM customer").rows) == 3


def test_an_error_message_does_not_quote_values(owner: Workspace, viewer: Workspace) -> None:
    sql = "SELECT CAST(city AS INTEGER) FROM customer"

    with pytest.raises(QueryError) as caught:
        viewer.query(sql)
    assert "Boston" not in str(caught.value)
    assert "TRY_CAST" in str(caught.value)
    with pytest.raises(QueryError, match="Boston"):
        owner.query(sql)


def test_a_wrong_column_is_named_without_the_rewritten_sql(viewer: Workspace) -> None:
    with pytest.raises(QueryError, match="emial") as caught:
        viewer.query("SELECT emial FROM customer")

    assert "lake." not in str(caught.value)


def test_every_query_leaves_a_line_without_the_values_in_it(viewer: Workspace) -> None:
    viewer.query("SELECT city FROM customer WHERE full_name = '王芳' OR phone = 13800138000")

    actor, action, _, text, rows, outcome = last(viewer)
    assert (actor, action, rows, outcome) == ("vera", "query", 0, "ok")
    assert text.startswith("SELECT city FROM customer WHERE full_name = '#")
    assert "王芳" not in text
    assert "13800138000" not in text


def test_refused_and_failed_queries_leave_a_line_too(viewer: Workspace) -> None:
    for sql, wanted in (
        ("SELECT getenv('HOME')", "refused"),
        ("SELECT * FROM raw_shop", "refused"),
        ("COPY customer TO '/tmp/ann@x.com'", "refused"),
        ("SELECT nothing FROM customer", "failed"),
    ):
        with pytest.raises((QueryError, AccessError)):
            viewer.query(sql)

        assert last(viewer)[5] == wanted
        assert "ann@x.com" not in last(viewer)[3]


def test_reads_by_people_are_audited_and_reads_by_jobs_are_not(owner: Workspace) -> None:
    agent = owner.acting("agent")

    agent.read("SELECT * FROM customer WHERE customer_id = ?", ("c1",), subject="customer:c1")
    agent.read("SELECT * FROM customer", action="search", subject="search:王芳")
    searched = last(agent)
    owner.read("SELECT * FROM customer")

    assert last(owner) == searched
    assert searched[:2] == ("role:agent", "search")
    assert searched[2].startswith("search:#")
    assert owner.audit.lines(last=2)[1].event.subject == "customer:c1"
    assert owner.audit.verify().is_sound


def test_an_action_needs_a_role_that_may(viewer: Workspace) -> None:
    with pytest.raises(AccessError, match="may not export"):
        viewer.read("SELECT 1", action="export")


def test_somebody_without_roles_sees_nothing(owner: Workspace) -> None:
    nobody = owner.acting(Access("nobody", frozenset()))

    with pytest.raises(AccessError):
        nobody.read("SELECT 1")
    assert not nobody.sees("customer")


def test_the_policy_file_is_read_again_when_it_changes(shop: Workspace) -> None:
    with shop.write("build", publish=True) as writer:
        writer.replace("customer", "SELECT 'ann@x.com' AS email")
    viewer = shop.acting("viewer")
    path = shop.settings.folder / "policy.yml"
    before = viewer.read("SELECT email FROM customer").value()

    path.write_text("roles: {viewer: {columns: {email: partial}}}")
    after = viewer.read("SELECT email FROM customer").value()
    path.write_text("roles: {viewer: {columns: {emial: partial}}}")
    os.utime(path, (1, 1))

    assert (before, after) == (None, "a***@x.com")
    with pytest.raises(SettingsError, match="emial"):
        viewer.read("SELECT email FROM customer")


def test_a_wrong_policy_keeps_the_workspace_shut(tmp_path: Path, catalog: Catalog) -> None:
    (tmp_path / "kehu.toml").write_text("")
    (tmp_path / "policy.yml").write_text("roles: {viewer: {tables: {deny: [custmer]}}}")

    with pytest.raises(SettingsError, match="custmer"):
        open_workspace(tmp_path, catalog=catalog)


def test_as_names_a_user_or_a_role(tmp_path: Path, catalog: Catalog) -> None:
    (tmp_path / "kehu.toml").write_text("")
    add_user(open_workspace(tmp_path).control, "ann", ["analyst", "agent"])

    assert open_workspace(tmp_path, as_="ann").access.roles == {"analyst", "agent"}
    assert open_workspace(tmp_path, as_="viewer").access.actor == "role:viewer"
    assert open_workspace(tmp_path).access.is_system
    with pytest.raises(AccessError, match="Did you mean 'ann'"):
        open_workspace(tmp_path, as_="anne")


def test_a_column_the_catalog_does_not_know_is_personal(shop: Workspace) -> None:
    with shop.write("of an older version", publish=True) as writer:
        writer.replace("orders", "SELECT 'o1' AS order_id, 'ann@x.com' AS buyer")

    seen = shop.acting("viewer").query("SELECT order_id, buyer FROM orders").rows

    assert seen == [("o1", None)]


def test_an_error_does_not_say_where_the_lake_lies(viewer: Workspace) -> None:
    with pytest.raises(QueryError) as caught:
        viewer.query("SELECT emial FROM customer")

    assert caught.value.where == "query"
