"""
description: Every distinct name of a record, taken apart so that two spellings of it can be compared.
grain: one row per distinct (full_name, first_name, last_name); absent parts are empty text
kind: scratch
key: [full_name, first_name, last_name]
owner: identity
depends: [stg_customer_record]
origin: [stg_customer_record.full_name, stg_customer_record.first_name, stg_customer_record.last_name]
columns:
  full_name: {type: VARCHAR, meaning: Name as written, pii: true}
  first_name: {type: VARCHAR, meaning: Given name as written, pii: true}
  last_name: {type: VARCHAR, meaning: Family name as written, pii: true}
  given_key: {type: VARCHAR, meaning: Given name to compare, pii: true}
  family_key: {type: VARCHAR, meaning: Family name to compare, pii: true}
  given_sound: {type: VARCHAR, meaning: Given name in Latin letters, pii: true}
  family_sound: {type: VARCHAR, meaning: Family name in Latin letters, pii: true}
  given_roots: {type: "VARCHAR[]", meaning: Full names that the given name may stand for, pii: true}
  suffix: {type: VARCHAR, meaning: "jr, sr, ii: tells father and son apart", pii: true}
  given_kind: {type: VARCHAR, meaning: "How the given name is written: han, pinyin or latin", pii: false}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kehu.integrate.identity.standardize import name_part

if TYPE_CHECKING:
    import pyarrow as pa

    from kehu.warehouse.table import Inputs

NAMES = """
SELECT DISTINCT coalesce(full_name, '') AS full_name, coalesce(first_name, '') AS first_name,
  coalesce(last_name, '') AS last_name
FROM stg_customer_record ORDER BY ALL
"""


def compute(inputs: Inputs) -> pa.Table:
    """Return the parts of every distinct name."""
    return name_part(inputs.connection.execute(NAMES).fetchall())
