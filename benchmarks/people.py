"""Customers with contact data, and the truth about them: three systems that know the same invented persons by halves.

A person is drawn from Kehu's own word lists (and surnames put together from syllables, so that names are as rare as
they are); two in five share a home, and with it surname, address and often the phone. `crm` knows nearly everybody,
`shop` has e-mails, `pos` has cards and phones. 6 % of the persons stand in `crm` twice. Values miss, are misspelt,
shortened to nicknames, and out of date. The same seed gives the same rows.

Usage: python benchmarks/people.py FOLDER [--people 100000]
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from kehu.demo import words

if TYPE_CHECKING:
    import pyarrow as pa

_SYLLABLES = """
an ba bel bor ca cor da del dor en fa fel gar gon ha hol in ja kel kor la len lor ma mel mon na nor or pa pel quin ra
ren ros sa sel son ta tel tor ul va vel ver wa wel win ya zan zel
"""
_STREETS = """
Oak Pine Maple Cedar Elm Lake Hill River Park Main Church Mill Spring High Forest Sunset Union Grove
"""


def _die(parts: str) -> str:
    """Return the SQL of a number that looks random and is the same for the same parts."""
    return f"(hash({parts}) // 4)::BIGINT"


_PERSON = f"""
CREATE TABLE person AS
WITH drawn AS (
  SELECT p, home, {_die("p, 1, $seed")} AS a, {_die("p, 2, $seed")} AS b, {_die("p, 3, $seed")} AS c,
    {_die("home, 4, $seed")} AS h
  FROM (SELECT range AS p, CASE WHEN {_die("range // 2, $seed")} % 5 < 2 THEN range // 2 * 2 ELSE range END AS home
    FROM range($people))
)
SELECT p, a, b, c, h,
  list_extract($first, 1 + ((a % 1000003) / 1000003.0 * (a % 999983) / 999983.0 * len($first))::BIGINT) AS given,
  CASE WHEN h % 10 < 5 THEN list_extract($last, 1 + (h % len($last))::BIGINT)
    ELSE upper($syllable[1 + h % len($syllable)][1]) || $syllable[1 + h % len($syllable)][2:]
      || $syllable[1 + (h // 64) % len($syllable)] || $syllable[1 + (h // 4096) % len($syllable)] END AS family,
  DATE '1940-01-01' + (b % 24000)::INTEGER AS birth_on,
  '+1212' || lpad(((CASE WHEN c % 3 = 0 THEN {_die("home, 5, $seed")} ELSE {_die("p, 6, $seed")} END)
    % 10000000)::VARCHAR, 7, '2') AS phone,
  (1 + h % 9899) || ' ' || list_extract($street, 1 + (h // 10000 % len($street))::BIGINT) || ' St' AS address,
  lpad((10000 + h // 1000000 % 80000)::VARCHAR, 5, '0') AS postcode, 'City ' || h // 7 % 400 AS city
FROM drawn
"""

# One misspelling: two neighbors of the word changed places, somewhere after its first letter.
_TYPO = """
CREATE MACRO typo(text, die) AS CASE WHEN length(text) < 4 THEN text ELSE
  text[:1 + die % (length(text) - 3)] || text[3 + die % (length(text) - 3)] || text[2 + die % (length(text) - 3)]
  || text[4 + die % (length(text) - 3):] END
"""

_RECORD = f"""
CREATE TABLE record AS
WITH listed AS (
  SELECT p, 'crm' AS source, 0 AS nth FROM person WHERE a // 7 % 100 < 92
  UNION ALL SELECT p, 'crm', 1 FROM person WHERE a // 7 % 100 < 6
  UNION ALL SELECT p, 'shop', 0 FROM person WHERE a // 11 % 100 < 55
  UNION ALL SELECT p, 'pos', 0 FROM person WHERE a // 13 % 100 < 45
), die AS (
  SELECT *, {_die("p, source, nth, $seed")} AS d, {_die("nth, source, p, 9, $seed")} AS e
  FROM listed JOIN person USING (p)
)
SELECT source, source || '-' || row_number() OVER (PARTITION BY source ORDER BY d, p, nth) AS source_key, p AS person,
  CASE WHEN d % 100 < 4 THEN typo(split_part(given, ':', 1), d // 100)
    WHEN d % 100 < 14 AND contains(given, ':') THEN split_part(given, ':', 2)
    ELSE split_part(given, ':', 1) END AS first_name,
  CASE WHEN d // 3 % 100 < 5 THEN typo(family, d // 300) ELSE family END AS last_name,
  CASE WHEN e % 100 < CASE source WHEN 'crm' THEN 65 WHEN 'shop' THEN 15 ELSE 25 END
    THEN birth_on + CASE WHEN e // 100 % 100 < 2 THEN 30 ELSE 0 END END AS birth_on,
  CASE WHEN d // 17 % 100 < CASE source WHEN 'crm' THEN 70 WHEN 'shop' THEN 97 ELSE 10 END THEN
    lower(split_part(given, ':', 1) || '.' || family || p || CASE WHEN d // 1700 % 100 < 7 THEN '@old' ELSE '@mail' END
      || '.example.com') END AS email,
  CASE WHEN d // 19 % 100 < CASE source WHEN 'crm' THEN 75 WHEN 'shop' THEN 45 ELSE 70 END
    THEN CASE WHEN d // 1900 % 100 < 8 THEN '+1212' || lpad((e % 10000000)::VARCHAR, 7, '3') ELSE phone END
    END AS phone,
  CASE WHEN d // 23 % 100 < CASE source WHEN 'crm' THEN 80 WHEN 'shop' THEN 60 ELSE 5 END
    THEN CASE WHEN d // 2300 % 100 < 9 THEN (1 + e % 9899) || ' Elsewhere Ave' ELSE address END END AS address,
  CASE WHEN d // 29 % 100 < 70 THEN city END AS city, CASE WHEN d // 31 % 100 < 60 THEN postcode END AS postcode,
  TIMESTAMP '2016-01-01' + to_seconds((e % 60000000)::BIGINT) AS registered_at
FROM die
"""

_COLUMNS = (
    "source_key AS record_id, first_name, last_name, birth_on, email, phone, address, city, postcode, registered_at"
)


def write(folder: Path, *, people: int, seed: int = 1) -> dict[str, int]:
    """Write ``<source>/<source>.parquet`` for three sources and ``truth.parquet``; return the numbers of rows."""
    folder.mkdir(parents=True, exist_ok=True)
    first = [*words.FEMALE, *words.MALE]
    lists = {"first": first, "last": list(words.LAST), "syllable": _SYLLABLES.split(), "street": _STREETS.split()}
    with duckdb.connect(config={"memory_limit": "3GB", "temp_directory": str(folder / ".spill")}) as connection:
        connection.execute("SET enable_progress_bar = false")
        for name, values in lists.items():
            connection.execute(f"SET VARIABLE {name} = ?", [values])
        connection.execute(_TYPO)
        for sql in (_PERSON, _RECORD):
            for name in lists:
                sql = sql.replace(f"${name}", f"getvariable('{name}')")  # noqa: PLW2901  # one name at a time
            given = {"seed": seed, "people": people}
            connection.execute(sql, {name: value for name, value in given.items() if f"${name}" in sql})
        for source in ("crm", "shop", "pos"):
            (folder / source).mkdir(exist_ok=True)
            select = f"SELECT {_COLUMNS} FROM record WHERE source = '{source}' ORDER BY source_key"
            connection.execute(f"COPY ({select}) TO '{folder}/{source}/{source}.parquet'")
        connection.execute(f"COPY (SELECT source, source_key, person FROM record) TO '{folder}/truth.parquet'")
        ((records,),) = connection.execute("SELECT count(*) FROM record").fetchall()
    return {"people": people, "records": int(records)}


def f1(found: pa.Table, truth: Path) -> dict[str, float]:
    """Return how well customers agree with the truth, over pairs of records: precision, recall, f1.

    Parameters
    ----------
    found : pyarrow.Table
        source, source_key, customer_id.
    truth : Path
        What `write` left.
    """
    counts = "count(*) * (count(*) - 1) / 2 AS pairs"
    with duckdb.connect() as connection:
        connection.register("found", found)
        connection.execute(f"CREATE TABLE judged AS FROM found JOIN '{truth}' USING (source, source_key)")
        sums = [
            connection.execute(f"SELECT sum(pairs) FROM (SELECT {counts} FROM judged GROUP BY {keys})").fetchall()[0][0]
            for keys in ("customer_id", "person", "customer_id, person")
        ]
    said, true, right = (float(one or 0) for one in sums)
    precision, recall = right / max(said, 1), right / max(true, 1)
    return {"precision": precision, "recall": recall, "f1": 2 * precision * recall / max(precision + recall, 1e-9)}


def main() -> None:
    """Make one set."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    print(write(**vars(options)))


if __name__ == "__main__":
    main()
