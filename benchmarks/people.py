"""Customers with contact data, and the truth about them: three systems that know the same invented persons by halves.

Persons live alone, as couples and as families: they share surname, address and often the phone; there are twins,
and sons who bear their father's name. `crm` knows nearly everybody, `shop` has e-mails, `pos`
has phones and often no first name; some persons stand in one source twice. Values miss (22 to 38 % of
first names, birth dates, e-mails, phones and addresses), are misspelt, shortened to nicknames, and out of date:
persons marry, move, and change phone and e-mail. The same seed gives the same rows, whatever their number.

Usage: python benchmarks/people.py FOLDER [--people 100000] [--seed 1]
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from kehu.demo import words

if TYPE_CHECKING:
    import pyarrow as pa

SOURCES = ("crm", "shop", "pos")
_SYLLABLES = """
an ba bel bor ca cor da del dor en fa fel gar gon ha hol in ja kel kor la len lor ma mel mon na nor or pa pel quin ra
ren ros sa sel son ta tel tor ul va vel ver wa wel win ya zan zel
"""
MACROS = (
    # A number in [0, 1) or from 0 that looks random, and is the same for the same key and question.
    "chance(key, question) AS (hash(key, question, getvariable('seed')) // 4096)::DOUBLE / 4503599627370496",
    "die(key, question, sides) AS (hash(key, question, getvariable('seed')) // 4096)::BIGINT % sides",
    "pick(key, question, items) AS items[1 + die(key, question, len(items))]",
    # Half the draws fall on a tenth of the list, as with names in any register.
    """skewed(key, question, items) AS
      items[1 + (len(items) * pow(chance(key, question), 2.2))::BIGINT % len(items)]""",
    # One slip of the fingers: two neighbors swapped, one character lost, replaced or added, after the first one.
    """slip(word, key, question, alphabet) AS CASE WHEN length(word) < 3 THEN word ELSE list_extract([
        word[:1 + die(key, question, length(word) - 2)] || word[3 + die(key, question, length(word) - 2)]
          || word[2 + die(key, question, length(word) - 2)] || word[4 + die(key, question, length(word) - 2):],
        word[:1 + die(key, question, length(word) - 2)] || word[3 + die(key, question, length(word) - 2):],
        word[:1 + die(key, question, length(word) - 2)] || alphabet[1 + die(key, question || 'l', length(alphabet))]
          || word[3 + die(key, question, length(word) - 2):],
        word[:1 + die(key, question, length(word) - 2)] || alphabet[1 + die(key, question || 'l', length(alphabet))]
          || word[2 + die(key, question, length(word) - 2):]
      ], 1 + die(key, question || 'k', 4)) END""",
    """slipped(word, key, question, share) AS CASE WHEN chance(key, question) < share
      THEN slip(word, key, question || 'w', 'abcdefghijklmnopqrstuvwxyz') ELSE word END""",
    """family_of(key) AS CASE WHEN chance(key, 'family') < 0.5 THEN skewed(key, 'known', getvariable('last'))
      ELSE upper(pick(key, 's1', getvariable('syllable'))[1]) || pick(key, 's1', getvariable('syllable'))[2:]
        || pick(key, 's2', getvariable('syllable')) || pick(key, 's3', getvariable('syllable')) END""",
    """given_of(key, sex) AS CASE sex WHEN 'f' THEN skewed(key, 'given', getvariable('female'))
      ELSE skewed(key, 'given', getvariable('male')) END""",
    """street_of(key) AS (1 + die(key, 'house', 1900)) || ' ' || pick(key, 'street', getvariable('street')) || ' '
      || pick(key, 'kind', ['St', 'Ave', 'Rd', 'Dr', 'Ln'])""",
    "phone_of(key) AS '+1' || (201 + die(key, 'area', 780)) || (2000000 + die(key, 'line', 8000000))",
    "town_of(key) AS pick(key, 'town', getvariable('city'))",
    "mark(key) AS CASE WHEN chance(key, 'plain') < 0.02 THEN '' ELSE (hash(key, 'mark') % 100003)::VARCHAR END",
    # Whoever came first has the plain name: the others got a number, so no two persons have one address.
    """email_of(key, given, family) AS lower(replace(list_extract([
        given || '.' || family || mark(key), given[1] || family || mark(key), given || mark(key),
        family || '.' || given || mark(key), given || '_' || family || mark(key)
      ], 1 + die(key, 'mail', 5)), chr(39), ''))
      || '@' || pick(key, 'domain', ['gmail', 'yahoo', 'outlook', 'mail', 'icloud', 'post']) || '.example.com'""",
)

# Four persons at a time: four alone, a couple and two alone, two couples, a family of three or four.
PERSON = """
CREATE TABLE person AS
WITH drawn AS (
  SELECT range AS p, range // 4 * 4 AS block, range % 4 AS place, chance(range // 4, 'block') AS kind
  FROM range($people)
), placed AS (
  SELECT *,
    CASE WHEN kind < 0.35 OR kind < 0.6 AND place > 1 OR kind BETWEEN 0.75 AND 0.85 AND place = 3 THEN p
      WHEN kind BETWEEN 0.6 AND 0.75 THEN block + place // 2 * 2 ELSE block END AS home,
  FROM drawn
), sexed AS (
  SELECT *, count(*) OVER (PARTITION BY home) AS size, p - home AS nth,
    CASE WHEN count(*) OVER (PARTITION BY home) > 1 AND p - home < 2 THEN ['m', 'f'][1 + p - home]
      ELSE pick(p, 'sex', ['f', 'm']) END AS sex
  FROM placed
), named AS (
  SELECT *, nth > 1 AND chance(block, 'twins') < 0.3 AS twin,
    nth = 2 AND sex = 'm' AND chance(p, 'namesake') < 0.12 AS namesake,
    CASE WHEN nth = 1 AND chance(p, 'own') < 0.2 THEN p ELSE home END AS house
  FROM sexed
)
SELECT p, home, sex, namesake, size, split_part(given, ':', 1) AS given, split_part(given, ':', 2) AS nickname,
  family_of(house) AS family, family_of(p) AS maiden,
  DATE '1940-01-01'
    + die(CASE WHEN twin THEN block ELSE p END, 'birth', CASE WHEN nth > 1 THEN 9000 ELSE 24000 END)::INTEGER
    + CASE WHEN nth > 1 THEN 15000 ELSE 0 END AS birth_on,
  street_of(home) AS address, town_of(home) AS city, lpad(die(home, 'zip', 90000)::VARCHAR, 5, '1') AS postcode,
  phone_of(CASE WHEN size > 1 AND chance(p, 'landline') < 0.4 THEN home ELSE p END) AS phone,
FROM (SELECT *, CASE WHEN namesake THEN given_of(home, 'm') ELSE given_of(p, sex) END AS given FROM named)
"""

# How often a field is filled, per source, and how often its value is a former one.
KNOWN = {
    "first": (0.92, 0.75, 0.50),
    "last": (0.99, 0.99, 0.97),
    "birth": (0.80, 0.45, 0.65),
    "email": (0.65, 0.97, 0.25),
    "phone": (0.80, 0.60, 0.75),
    "address": (0.85, 0.75, 0.30),
    "city": (0.85, 0.80, 0.50),
    "postcode": (0.80, 0.75, 0.45),
}
RECORD = """
CREATE TABLE record AS
WITH listed AS (
  SELECT p, 'crm' AS source, 0 AS nth FROM person WHERE chance(p, 'crm') < 0.88
  UNION ALL SELECT p, 'crm', 1 FROM person WHERE chance(p, 'crm') < 0.07
  UNION ALL SELECT p, 'shop', 0 FROM person WHERE chance(p, 'shop') < 0.53
  UNION ALL SELECT p, 'shop', 1 FROM person WHERE chance(p, 'shop') < 0.03
  UNION ALL SELECT p, 'pos', 0 FROM person WHERE chance(p, 'pos') < 0.42
  UNION ALL SELECT p, 'pos', 1 FROM person WHERE chance(p, 'pos') < 0.02
), keyed AS (
  SELECT *, source || nth || ':' || p AS k, list_position(['crm', 'shop', 'pos'], source) AS s FROM listed
), lived AS (
  SELECT *, chance(k, 'moved') < 0.12 AS moved,
    sex = 'f' AND birth_on < DATE '1995-01-01' AND chance(p, 'married') < 0.3 AND chance(k, 'maiden') < 0.4 AS unmarried
  FROM keyed JOIN person USING (p)
), told AS (
  SELECT *,
    CASE WHEN chance(k, 'nick') < 0.12 AND nickname <> '' THEN nickname WHEN chance(k, 'nick') BETWEEN 0.12 AND 0.14
      THEN given[1] ELSE slipped(given, k, 'given', 0.05) END AS first,
    slipped(CASE WHEN unmarried THEN maiden ELSE family END, k, 'last', 0.05)
      || CASE WHEN (namesake OR size > 2 AND sex = 'm') AND chance(k, 'jr') < 0.15
        THEN CASE WHEN namesake THEN ' Jr' ELSE '' END ELSE '' END AS last,
    CASE WHEN chance(k, 'day') < 0.02 AND day(birth_on) < 13
      THEN make_date(year(birth_on), day(birth_on), month(birth_on))
      WHEN chance(k, 'day') < 0.03 THEN birth_on + INTERVAL 1 YEAR WHEN chance(k, 'day') < 0.045
      THEN birth_on + (1 + die(k, 'days', 9))::INTEGER ELSE birth_on END AS born,
    CASE WHEN chance(k, 'mail2') < 0.12 THEN email_of('old' || p, given, family)
      WHEN size > 1 AND chance(p, 'mailbox') < 0.04 THEN email_of(home, 'the', family)
      ELSE slipped(email_of(p, given, family), k, 'email', 0.02) END AS mail,
    CASE WHEN chance(k, 'line') < 0.12 THEN phone_of('old' || p) WHEN chance(k, 'line') < 0.14
      THEN slip(phone, k, 'phone', '0123456789') ELSE phone END AS line,
    CASE WHEN moved THEN street_of('old' || p) ELSE slipped(address, k, 'address', 0.04) END AS place,
    CASE WHEN moved THEN town_of('old' || p) ELSE slipped(city, k, 'city', 0.02) END AS town,
    CASE WHEN moved THEN lpad(die('old' || p, 'zip', 90000)::VARCHAR, 5, '1') ELSE postcode END AS zip,
    chance(k, 'swap') < 0.01 AS swap
  FROM lived
)
SELECT source, source || '-' || row_number() OVER (PARTITION BY source ORDER BY hash(k), k) AS source_key, p AS person,
  CASE WHEN swap THEN last WHEN $first THEN first END AS first_name,
  CASE WHEN swap THEN first WHEN $last THEN last END AS last_name,
  CASE WHEN $birth THEN born::DATE END AS birth_on, CASE WHEN $email THEN mail END AS email,
  CASE WHEN $phone THEN line END AS phone, CASE WHEN $address THEN place END AS address,
  CASE WHEN $city THEN town END AS city, CASE WHEN $postcode THEN zip END AS postcode,
  TIMESTAMP '2016-01-01' + to_seconds(die(k, 'since', 300000000)) AS registered_at
FROM told
"""
_REST = "birth_on, email, phone, address, city, postcode, registered_at"
COLUMNS = {
    "crm": f"source_key AS record_id, first_name, last_name, {_REST}",
    "shop": f"source_key AS record_id, last_name, first_name, {_REST}",
    "pos": f"source_key AS record_id, upper(first_name) AS first_name, upper(last_name) AS last_name, {_REST}",
}


def write(folder: Path, *, people: int, seed: int = 1) -> dict[str, int]:
    """Write ``<source>/<source>.parquet`` for three sources and ``truth.parquet``; return the numbers of rows."""
    lists = {
        "female": list(words.FEMALE),
        "male": list(words.MALE),
        "last": list(words.LAST),
        "syllable": _SYLLABLES.split(),
        "street": list(words.STREET),
        "city": [city[0] for city in words.CITY] + [f"{street}ville" for street in words.STREET],
    }
    filled = {name: f"chance(k, 'has_{name}') < [{', '.join(map(str, shares))}][s]" for name, shares in KNOWN.items()}
    record = RECORD
    for name, condition in filled.items():
        record = record.replace(f"${name} ", f"{condition} ")
    return made(folder, (PERSON.replace("$people", str(people)), record), lists, COLUMNS, seed)


def made(
    folder: Path, tables: tuple[str, ...], lists: dict[str, list[str]], columns: dict[str, str], seed: int
) -> dict[str, int]:
    """Run the SQL that makes ``record`` and write it, a folder per source, and the truth; return the numbers."""
    folder.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(config={"memory_limit": "3GB", "temp_directory": str(folder / ".spill")}) as connection:
        connection.execute("SET enable_progress_bar = false")
        connection.execute("SET VARIABLE seed = ?", [seed])
        for name, values in lists.items():
            connection.execute(f"SET VARIABLE {name} = ?", [values])
        for sql in (*(f"CREATE MACRO {macro}" for macro in MACROS), *tables):
            connection.execute(sql)
        for source, selected in columns.items():
            (folder / source).mkdir(exist_ok=True)
            select = f"SELECT {selected} FROM record WHERE source = '{source}' ORDER BY source_key"
            connection.execute(f"COPY ({select}) TO '{folder}/{source}/{source}.parquet'")
        connection.execute(f"COPY (SELECT source, source_key, person FROM record) TO '{folder}/truth.parquet'")
        counted = connection.execute("SELECT count(DISTINCT person), count(*) FROM record").fetchall()
    return {"people": int(counted[0][0]), "records": int(counted[0][1])}


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
