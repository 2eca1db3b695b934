"""References: facts name a card, an e-mail or a phone, and each must reach exactly one customer.

A phone that two people of a household hold goes to one of them by a fixed order of reasons; it never joins the two.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

if TYPE_CHECKING:
    import duckdb

LEAST_SHARE = 0.5  # a bare key is a card or another system's number when half of its source's keys are
PROBABILITY = {"loyalty_card": 0.999, "key": 0.99, "email": 0.995, "phone": 0.95}

PERSONS = """
SELECT source, source_key, head_source || chr(31) || head_key AS cluster FROM record_cluster
"""
# References that are not who a cluster is: people said so of one of its records.
KEPT_APART = """
WITH said AS (
  SELECT left_source AS source, left_key AS source_key, right_source AS from_source, right_key AS from_key
  FROM decided_pair WHERE kind = 'different'
  UNION ALL SELECT right_source, right_key, left_source, left_key FROM decided_pair WHERE kind = 'different'
)
SELECT s.source, s.source_key, p.cluster, s.from_source, s.from_key FROM said AS s
LEFT JOIN reference_person AS p ON p.source = s.from_source AND p.source_key = s.from_key
"""
STEPS = (
    # What each reference carries, without identifiers that tell nobody apart.
    """
    CREATE OR REPLACE TEMP TABLE reference_key AS
    WITH carried AS (
      SELECT source, source_key, 'loyalty_card' AS kind, loyalty_card AS value FROM customer_record WHERE is_reference
      UNION ALL SELECT source, source_key, 'email', email FROM customer_record WHERE is_reference
      UNION ALL SELECT source, source_key, 'phone', phone FROM customer_record WHERE is_reference
    )
    SELECT c.* FROM carried AS c ANTI JOIN blocked_value AS b ON b.field = c.kind AND b.value = c.value
    WHERE c.value IS NOT NULL
    """,
    # What is asked of persons: what references carry, and bare keys, which may be cards.
    """
    CREATE OR REPLACE TEMP TABLE asked_value AS
    SELECT DISTINCT kind, value FROM reference_key
    UNION SELECT 'loyalty_card', source_key FROM customer_record
    WHERE is_reference AND loyalty_card IS NULL AND source_key IS DISTINCT FROM email
      AND source_key IS DISTINCT FROM phone
    """,
    """
    CREATE OR REPLACE TEMP TABLE person_key AS
    WITH described AS (
      SELECT source, source_key, loyalty_card, email, phone FROM customer_record WHERE NOT is_reference
    ), asked AS (
      SELECT a.* FROM asked_value AS a ANTI JOIN blocked_value AS b ON b.field = a.kind AND b.value = a.value
    ), held AS (
      SELECT d.source, d.source_key, a.kind, a.value
      FROM described AS d JOIN asked AS a ON a.kind = 'loyalty_card' AND a.value = d.loyalty_card
      UNION ALL SELECT d.source, d.source_key, a.kind, a.value
      FROM described AS d JOIN asked AS a ON a.kind = 'email' AND a.value = d.email
      UNION ALL SELECT d.source, d.source_key, a.kind, a.value
      FROM described AS d JOIN asked AS a ON a.kind = 'phone' AND a.value = d.phone
    )
    SELECT p.cluster, h.source, h.source_key, h.kind, h.value
    FROM held AS h JOIN reference_person AS p USING (source, source_key)
    """,
    # A bare key that is neither e-mail nor phone: the card, or another system's number, that most of its like hit.
    f"""
    CREATE OR REPLACE TEMP TABLE bare_key AS
    WITH bare AS (
      SELECT source, source_key FROM customer_record
      WHERE is_reference AND loyalty_card IS NULL AND source_key IS DISTINCT FROM email
        AND source_key IS DISTINCT FROM phone
    ), target AS (
      SELECT 'loyalty_card' AS target, value, cluster, source, source_key FROM person_key WHERE kind = 'loyalty_card'
      UNION ALL SELECT source, source_key, cluster, source, source_key FROM reference_person
    ), hit AS (
      SELECT b.source, t.target, b.source_key, t.cluster, t.source AS held_source, t.source_key AS held_key
      FROM bare AS b JOIN target AS t ON t.value = b.source_key
    ), share AS (
      SELECT h.source, h.target, count(DISTINCT h.source_key) / any_value(a.keys) AS share
      FROM hit AS h JOIN (SELECT source, count(*) AS keys FROM bare GROUP BY source) AS a USING (source)
      GROUP BY h.source, h.target
      QUALIFY row_number() OVER (PARTITION BY h.source ORDER BY share DESC, h.target) = 1
    )
    SELECT h.* FROM hit AS h JOIN share AS s USING (source, target) WHERE s.share >= {LEAST_SHARE}
    """,
    # How much is known about each customer, and which e-mails a source has seen together with a phone.
    """
    CREATE OR REPLACE TEMP TABLE person_weight AS
    SELECT p.cluster, count(r.loyalty_card) > 0 AS has_card,
      count(r.email) + count(r.phone) + count(r.birth_on) + count(r.address) + count(r.full_name) AS filled,
      min(r.source || ' ' || r.source_key) AS first_key
    FROM customer_record AS r JOIN reference_person AS p USING (source, source_key)
    SEMI JOIN (SELECT cluster FROM person_key UNION SELECT cluster FROM bare_key) AS k ON k.cluster = p.cluster
    GROUP BY p.cluster
    """,
    """
    CREATE OR REPLACE TEMP TABLE seen_together AS
    SELECT DISTINCT a.source, a.value AS phone, p.cluster
    FROM reference_key AS a
    JOIN reference_key AS b
      ON b.source = a.source AND b.source_key = a.source_key AND b.kind IN ('email', 'loyalty_card')
    JOIN person_key AS p ON p.kind = b.kind AND p.value = b.value
    WHERE a.kind = 'phone'
    """,
    """
    CREATE OR REPLACE TEMP TABLE resolved AS
    WITH candidate AS (
      SELECT k.source, k.source_key, p.cluster, p.source AS held_source, p.source_key AS held_key, k.kind AS rule,
        CASE k.kind WHEN 'loyalty_card' THEN 1 WHEN 'email' THEN 3 ELSE 4 END AS rank,
        k.kind = 'phone' AND s.cluster IS NOT NULL AS seen
      FROM reference_key AS k
      JOIN person_key AS p ON p.kind = k.kind AND p.value = k.value
      LEFT JOIN seen_together AS s ON s.source = k.source AND s.phone = k.value AND s.cluster = p.cluster
      UNION ALL
      SELECT source, source_key, cluster, held_source, held_key, 'key', 2, FALSE FROM bare_key
    ), allowed AS (
      SELECT c.* FROM candidate AS c ANTI JOIN kept_apart AS a
        ON a.source = c.source AND a.source_key = c.source_key AND a.cluster = c.cluster
    ), counted AS (
      SELECT *, count(*) OVER (PARTITION BY source, source_key, rule, cluster) AS records FROM allowed
    )
    SELECT c.source, c.source_key, c.cluster, c.held_source, c.held_key, c.rule, c.seen, w.has_card,
      count(DISTINCT c.cluster) OVER (PARTITION BY c.source, c.source_key, c.rule) AS holders
    FROM counted AS c JOIN person_weight AS w USING (cluster)
    QUALIFY row_number() OVER (PARTITION BY c.source, c.source_key ORDER BY c.rank, c.seen DESC, w.has_card DESC,
      c.records DESC, w.filled DESC, w.first_key,
      c.held_source, c.held_key) = 1
    """,
    # Who no record explains: the same card or e-mail is the same provisional customer, also beside a resolved
    # reference; a reference that has a phone alone joins the first one with that phone.
    """
    CREATE OR REPLACE TEMP TABLE beside AS
    WITH key AS (
      SELECT k.*, r.source IS NOT NULL AS is_resolved, r.cluster,
        bool_or(k.kind <> 'phone') OVER (PARTITION BY k.source, k.source_key) AS has_better
      FROM reference_key AS k LEFT JOIN resolved AS r USING (source, source_key)
    ), beside_key AS (
      SELECT *, first_value({'source': source, 'source_key': source_key, 'cluster': cluster}) OVER (
        PARTITION BY kind, value ORDER BY is_resolved DESC, has_better DESC, source, source_key) AS head
      FROM key
    )
    SELECT source, source_key, head.source AS held_source, head.source_key AS held_key, kind AS rule
    FROM beside_key
    WHERE NOT is_resolved AND (source, source_key) <> (head.source, head.source_key)
      AND (source, source_key, head.source, head.source_key) NOT IN (
        SELECT (source, source_key, from_source, from_key) FROM kept_apart)
      AND NOT EXISTS (FROM kept_apart AS a WHERE a.source = beside_key.source
        AND a.source_key = beside_key.source_key AND a.cluster = beside_key.head.cluster)
      AND (kind <> 'phone' OR NOT has_better)
    QUALIFY row_number() OVER (PARTITION BY source, source_key
      ORDER BY CASE kind WHEN 'loyalty_card' THEN 1 WHEN 'email' THEN 2 ELSE 3 END) = 1
    """,
)
FOUND = """
WITH found AS (
  SELECT source, source_key, held_source, held_key, rule, holders, seen, has_card FROM resolved
  UNION ALL SELECT source, source_key, held_source, held_key, rule, 1, FALSE, FALSE FROM beside
)
SELECT source AS left_source, source_key AS left_key, held_source AS right_source, held_key AS right_key,
  rule, p.probability / CASE WHEN f.holders > 1 AND NOT f.seen THEN f.holders ELSE 1 END AS probability,
  round(log2(p.probability / (1 - p.probability)), 6) AS weight, 'match' AS decision,
  to_json({'holders': f.holders, 'chosen_by': CASE WHEN f.holders = 1 THEN 'only_holder'
    WHEN f.seen THEN 'seen_together' WHEN f.has_card THEN 'holds_card' ELSE 'most_complete' END}) AS evidence
FROM found AS f JOIN reference_probability AS p USING (rule)
ORDER BY left_source, left_key
"""
NOTHING = pa.table(
    {
        **{
            name: pa.array([], pa.string()) for name in ("left_source", "left_key", "right_source", "right_key", "rule")
        },
        **{name: pa.array([], pa.float64()) for name in ("probability", "weight")},
        **{name: pa.array([], pa.string()) for name in ("decision", "evidence")},
    }
)


def resolve(connection: duckdb.DuckDBPyConnection) -> pa.Table:
    """Return one link per reference that a person, or another reference, explains.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        Holds ``customer_record``, ``blocked_value``, ``record_cluster`` and ``decided_pair``.

    Notes
    -----
    The order of reasons: card, a bare key that most of its source's keys share with cards or with another system's
    numbers, e-mail, phone. Among several holders: whose e-mail or card the same source has seen with that phone, who
    holds a loyalty card, on how many records the value stands, who is known best, the first key.
    """
    if connection.execute("SELECT 1 FROM customer_record WHERE is_reference LIMIT 1").fetchone() is None:
        return NOTHING  # nothing is asked, so nobody need be read
    rules = ", ".join(f"('{rule}', {probability})" for rule, probability in PROBABILITY.items())
    connection.execute(f"CREATE OR REPLACE TEMP VIEW reference_person AS {PERSONS}")
    connection.execute(f"CREATE OR REPLACE TEMP TABLE kept_apart AS {KEPT_APART}")
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE reference_probability AS FROM (VALUES {rules}) v(rule, probability)"
    )
    for step in STEPS:
        connection.execute(step)
    found = connection.sql(FOUND).to_arrow_table()
    names = ("person_key", "bare_key", "person_weight", "seen_together", "resolved", "beside", "kept_apart")
    for table in ("asked_value", "reference_key", "reference_probability", *names):
        connection.execute(f"DROP TABLE IF EXISTS temp.{table}")
    connection.execute("DROP VIEW temp.reference_person")
    return found
