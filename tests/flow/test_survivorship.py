"""Which value wins is a setting: a change of it is seen by the next build, and computes only what hangs on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kehu.base.errors import SettingsError
from kehu.flow import pipeline, source
from kehu.flow.project import open_project

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow
VALUE = "SELECT value, reason FROM customer_value WHERE field = 'full_name' AND value LIKE 'Ann%'"


def say(shop: Path, rules: str) -> None:
    with (shop / "kehu.toml").open("a", encoding="utf-8") as file:
        file.write(f"\n[survivorship]\n{rules}\n")


def test_other_rules_choose_other_values_at_the_cost_of_what_reads_them(shop: Path) -> None:
    (shop / "crm.csv").write_text("id,name,email\n7,Ann Lee,ann.lee@example.com\n", encoding="utf-8")
    project = open_project(shop)
    source.write(project, source.propose(project, "crm", shop / "crm.csv", entity="customer_record"))
    pipeline.collect(project)
    pipeline.build(project)
    before = project.workspace.read(VALUE).rows
    say(shop, 'full_name = ["completeness"]')

    report = pipeline.build(open_project(shop))

    assert before == [("Ann Lee", "most records")]
    assert open_project(shop).workspace.read(VALUE).rows == [("Anne Lee", "fullest")]
    done = {run.name: run.action for run in report.tables}
    assert done["customer_value"] == "full"
    assert {done[name] for name in ("customer_record", "record_link", "customer_xref", "order_line")} == {"skip"}


def test_a_source_that_the_project_lacks_is_refused_before_anything_is_built(shop: Path) -> None:
    say(shop, 'email = ["source:peple"]')

    with pytest.raises(SettingsError, match="there is no source 'peple' to prefer for email") as raised:
        pipeline.build(open_project(shop))

    assert "Did you mean" in raised.value.fix
