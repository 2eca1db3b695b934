"""Lists with foreign headers and whole addresses in one column: what they say is found without a setting."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kehu.flow import pipeline, source
from kehu.flow.project import init, open_project

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow
GERMAN = """Kundennummer,Name,Vorname,Geburtsjahr,Geburtsmonat,Geburtstag,Anschrift
1,Groß,Ann,1967,9,27,"Lange Straße 7, 10115 Berlin"
2,Gross,Ann,1967,9,27,"Lange Str. 7, 10115 Berlin"
3,Ahn,Liv,1950,13,1,"Via Roma, 12"
"""
FIRM = "id,company,phone,website"
FOUND = "SELECT last_name, birth_on::VARCHAR, city, postcode, record_count FROM customer ORDER BY last_name"


def test_a_german_list_with_addresses_in_one_column(tmp_path: Path) -> None:
    init(tmp_path / "shop")
    project = open_project(tmp_path / "shop")
    (tmp_path / "liste.csv").write_text(GERMAN, encoding="utf-8")
    source.write(project, source.propose(project, "liste", tmp_path / "liste.csv"))
    pipeline.collect(project)

    pipeline.build(project)

    ahn, gross = project.workspace.read(FOUND).rows
    assert ahn == ("Ahn", None, None, None, 1)
    assert gross[1:] == ("1967-09-27", "Berlin", "10115", 2)


def test_a_chinese_town_goes_by_its_name_with_and_without_its_rank(tmp_path: Path) -> None:
    init(tmp_path / "shop")
    project = open_project(tmp_path / "shop")
    rows = "客户编号,姓名,城市,联系地址\n1,王小明,宁波,新华路10号\n2,王小明,,浙江省宁波市新华路10号\n"
    (tmp_path / "名单.csv").write_text(rows, encoding="utf-8")
    source.write(project, source.propose(project, "list", tmp_path / "名单.csv"))
    pipeline.collect(project)

    pipeline.build(project)

    assert project.workspace.read("SELECT city, street FROM match_record").rows == [("宁波", "新华路")] * 2
    assert project.workspace.read("SELECT record_count FROM customer").rows == [(2,)]


def test_who_comes_with_the_next_number_of_a_source_touches_nobody_else(tmp_path: Path) -> None:
    init(tmp_path / "shop")
    project, files = open_project(tmp_path / "shop"), tmp_path / "list"
    files.mkdir()
    people = [f"C-{number},Ann{number} Archer{number},a{number}@x.com" for number in range(1, 41)]
    (files / "people-1.csv").write_text("\n".join(["customer id,name,email", *people[:20]]))
    (files / "people-2.csv").write_text("\n".join(["customer id,name,email", *people[20:38]]))
    source.write(project, source.propose(project, "list", files))
    pipeline.collect(project)
    pipeline.build(project)
    (files / "people-3.csv").write_text("\n".join(["customer id,name,email", *people[38:]]))
    pipeline.collect(project)

    runs = {run.name: run for run in pipeline.build(project).tables}

    assert runs["stg_customer_record"].why.endswith("changed: 2 keys")
    assert runs["customer"].changed == 2


def test_a_company_that_comes_alone_is_built_as_in_a_full_build(tmp_path: Path) -> None:
    init(tmp_path / "shop")
    project = open_project(tmp_path / "shop")
    people = [f"P{number},Ann{number} Archer{number},a{number}@x.com" for number in range(20)]
    firms = [f"F{number},Acme{number} Ltd,+1415555{1000 + number},acme{number}.com" for number in range(20)]
    for name, header, rows in (
        ("people", "customer id,name,email", people),
        ("firms", "id,company,phone,website", firms),
    ):
        (tmp_path / name).mkdir()
        for part in (0, 1):
            (tmp_path / name / f"{name}-{part}.csv").write_text("\n".join([header, *rows[part::2]]))
        source.write(project, source.propose(project, name, tmp_path / name, entity="customer_record"))
    pipeline.collect(project)
    pipeline.build(project)
    (tmp_path / "firms" / "firms-2.csv").write_text(
        "id,company,phone,website\nF30,Acme1 Limited,+14155551001,acme1.com"
    )
    pipeline.collect(project)

    runs = {run.name: run.action for run in pipeline.build(project).tables}

    assert runs["record_link"] == "merge"
    one, other = (
        project.workspace.read("SELECT customer_id FROM customer_xref WHERE source_key = ?", [key]).rows
        for key in ("F1", "F30")
    )
    assert one == other
    built = project.workspace.read("FROM customer_xref ORDER BY source, source_key").rows
    pipeline.build(project, full=True)
    assert project.workspace.read("FROM customer_xref ORDER BY source, source_key").rows == built
