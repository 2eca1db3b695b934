"""What training does with levels that are rare, and with samples from which nothing can be learned."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import pytest
from splink.internals.linker_components.training import LinkerTraining

from kehu.base.settings import Settings
from kehu.integrate.identity import block, train
from kehu.integrate.identity.compare import GIVEN, log_odds
from kehu.integrate.identity.splink_match import apart, given_parameters

if TYPE_CHECKING:
    import pyarrow as pa

PEOPLE = """
SELECT 'crm' AS source, n::VARCHAR AS source_key, chr(97 + CAST(n % 20 AS INTEGER)) || 'nn' AS given,
  chr(97 + CAST(n % 17 AS INTEGER)) || 'ee' AS family, (DATE '1970-01-01' + CAST(n % 331 AS INTEGER))::VARCHAR AS birth,
  'p' || (n % 300) || '@example.com' AS email
FROM range(600) AS r(n)
"""


@pytest.fixture
def people() -> pa.Table:
    connection = duckdb.connect()
    nothing = ", ".join(f"NULL::VARCHAR AS {name}" for name in block.FEATURES)
    connection.execute(f"CREATE TABLE match_record AS SELECT {nothing} LIMIT 0")
    connection.execute("ALTER TABLE match_record ALTER roots TYPE VARCHAR[]")
    connection.execute(f"INSERT INTO match_record BY NAME {PEOPLE}")
    return block.records(connection)


@pytest.mark.parametrize(
    ("sampled", "u"),
    [(apart(0.002, 4), 0.0005), (0.0021, 0.0021), (0.0004, 0.0005), (None, 0.002)],
    ids=["no pair reached it", "sampled", "hardly any pair reached it", "unknown"],
)
def test_a_level_that_no_random_pair_reached_counts_as_rare(sampled, u):
    place = [level.name for level in GIVEN.levels].index("same_sound")
    learned = [{} for _ in GIVEN.levels]
    learned[place] = {"u_probability": sampled}

    assert train._blend(GIVEN, learned)["same_sound"][1] == pytest.approx(u, rel=1e-3)


def test_where_splink_refuses_what_it_learns_the_levels_own_weights_stand(people, tmp_path, monkeypatch):
    def refuse(*_: object, **__: object) -> None:
        raise ValueError("m_probability value 0.0 is below the minimum allowed value of 1e-300")

    monkeypatch.setattr(LinkerTraining, "estimate_parameters_using_expectation_maximisation", refuse)

    found = train.train(people, Settings(tmp_path))

    own = given_parameters(people.num_rows, [GIVEN])["comparisons"]["given_name"]
    assert log_odds(found["share"]) < 0
    assert found["comparisons"].keys() >= {"given_name", "household", "birth_date", "email"}
    assert found["comparisons"]["given_name"]["same"][0] == pytest.approx(own["same"][0], abs=0.25)
