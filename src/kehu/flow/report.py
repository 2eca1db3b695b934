"""The short report at the end of a demo run: what was made whole, checked against what is known to be true."""

from __future__ import annotations

import resource
from typing import TYPE_CHECKING

import duckdb

from kehu.integrate.identity.agreement import agreement

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Mapping

    from kehu.base.types import Json
    from kehu.flow.project import Project

COUNTS = """
SELECT (SELECT count(*) FROM order_line) AS order_lines, (SELECT sum(amount) FROM order_line) AS revenue,
  (SELECT count(*) FROM orders) AS orders, (SELECT count(*) FROM customer) AS customers,
  (SELECT count(*) FROM customer WHERE is_provisional) AS provisional,
  (SELECT count(*) FROM customer_record) AS records,
  (SELECT count(*) FROM household) AS households, (SELECT count(*) FROM quarantine) AS quarantined
"""
CARDS = """
SELECT scorer, target, published_as, is_baseline, card ->> 'verdict' AS verdict FROM score_run
QUALIFY run_id = max(run_id) OVER (PARTITION BY scorer) ORDER BY scorer, target
"""


def report(project: Project, seconds: Mapping[str, float]) -> dict[str, Json]:
    """Return the numbers of a run: counts, identity against the truth, cards, seconds and peak memory.

    Only this report reads the truth, which stands outside the sources.
    """
    workspace = project.workspace
    published = workspace.snapshot()
    return {
        "project": str(project.settings.folder),
        "notice": project.settings.notice,
        "snapshot": published.id if published else 0,
        **workspace.read(COUNTS).one(),
        "defects": defects(project),
        "identity": identity(project),
        "scorers": workspace.read(CARDS).dicts(),
        "seconds": {name: round(value, 1) for name, value in seconds.items()},
        "peak_memory_gb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2, 2),
    }


def defects(project: Project) -> dict[str, int]:
    """Return how many of the demo's defective lines ended in quarantine, under the rule each of them breaks."""
    truth = project.settings.folder / "truth" / "defects.parquet"
    known = duckdb.read_parquet(str(truth)).project("source, file, line, rule").fetchall()
    sql = "SELECT source, parse_filename(file), line, json_extract_string(faults, '$[*].rule') FROM quarantine"
    found = {(source, file, line): set(rules) for source, file, line, rules in project.workspace.read(sql).rows}
    return {
        "written": len(known),
        "in_quarantine": sum((source, file, line) in found for source, file, line, _ in known),
        "under_their_rule": sum(rule in found.get((source, file, line), ()) for source, file, line, rule in known),
    }


def identity(project: Project) -> dict[str, Json]:
    """Return pairwise precision, recall and F1 of the customers against the truth, and what limits each."""
    person = duckdb.read_parquet(str(project.settings.folder / "truth" / "person.parquet"))
    rows = person.project("source, source_key, person_id").fetchall()
    truth: dict[Hashable, Hashable] = {(source, key): who for source, key, who in rows}
    xref = project.workspace.read("SELECT source, source_key, customer_id FROM customer_xref").rows
    found: dict[Hashable, Hashable] = {(source, key): customer for source, key, customer in xref}
    result = agreement(found, truth)
    return {
        "precision": round(result.precision, 4),
        "recall": round(result.recall, 4),
        "f1": round(result.f1, 4),
        "records": result.records,
        "records_without_truth": len(found) - result.records,
        "records_missing": len(truth) - result.records,
        "wrong_pairs": result.pairs - result.common_pairs,
        "missed_pairs": result.true_pairs - result.common_pairs,
        **limits(project, xref),
    }


LIMITS = """
WITH record AS (
  SELECT found.customer_id, person.person_id, person.island, home.household_id, row_number() OVER () AS n
  FROM found JOIN person USING (source, source_key) JOIN home USING (person_id)
)
SELECT count(*) FILTER (l.person_id = r.person_id AND l.island <> r.island) AS missed_without_a_shared_key,
  count(*) FILTER (l.person_id <> r.person_id AND l.household_id = r.household_id) AS wrong_within_a_household
FROM record AS l JOIN record AS r ON l.n < r.n AND (
  (l.person_id = r.person_id AND l.customer_id <> r.customer_id)
  OR (l.customer_id = r.customer_id AND l.person_id <> r.person_id)
)
"""


def limits(project: Project, xref: list[tuple[str, str, str]]) -> dict[str, int]:
    """Return how many missed pairs share no correctly written key, and how many wrong pairs are one household's."""
    truth = project.settings.folder / "truth"
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE found (source VARCHAR, source_key VARCHAR, customer_id VARCHAR)")
        columns = [list(column) for column in zip(*xref, strict=True)] or [[], [], []]
        connection.execute("INSERT INTO found SELECT unnest(?), unnest(?), unnest(?)", columns)
        for name, file in (("person", "person"), ("home", "household")):
            connection.read_parquet(str(truth / f"{file}.parquet")).create_view(name)
        row = connection.execute(LIMITS).fetchone()
    return dict(zip(("missed_without_a_shared_key", "wrong_within_a_household"), row or (0, 0), strict=True))


def lines(document: Mapping[str, Json]) -> Iterator[str]:
    """Yield the report as lines for a person."""
    found, defects = document["identity"], document["defects"]
    yield f"\n{document['project']}, snapshot {document['snapshot']}"
    yield f"  {document['notice']}"
    yield f"  {document['order_lines']:,} order lines, {document['revenue']:,} in sales, {document['orders']:,} orders"
    yield (
        f"  {document['records']:,} records of people became {document['customers']:,} customers"
        f" ({document['provisional']:,} provisional) in {document['households']:,} households"
    )
    yield (
        f"  {document['quarantined']:,} rows in quarantine; of {defects['written']} lines known to be defective"
        f" {defects['in_quarantine']} are there, {defects['under_their_rule']} under the rule they break"
    )
    yield (
        f"  identity against the truth: precision {found['precision']:.3f}, recall {found['recall']:.3f},"
        f" F1 {found['f1']:.3f}"
    )
    yield (
        f"    {found['missed_pairs']:,} pairs missed, {found['missed_without_a_shared_key']:,} of them without a"
        f" correctly written key in common; {found['wrong_pairs']:,} wrong,"
        f" {found['wrong_within_a_household']:,} within a household"
    )
    for card in document["scorers"]:
        yield f"  {card['scorer']} ({card['target']}): {card['verdict']}"
    steps = ", ".join(f"{name} {value:.1f} s" for name, value in document["seconds"].items())
    yield f"  {steps}; peak memory {document['peak_memory_gb']:.2f} GB"
