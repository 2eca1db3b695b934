"""
description: >-
  The keys under which records of persons meet, to be compared: what two records of one person likely share, each as a
  hash (31 bits) of its parts; NULL where a part is unknown. Which parts make a key stands in the code (block.BLOCKS).
grain: one row per record of match_record
kind: merge
key: [record]
by: [record]
follows:
  match_record: {key: "CAST(hash(source, source_key) >> 1 AS BIGINT)", unique: true}
owner: identity
depends: [match_record]
origin: [match_record.source_key]
columns:
  record: {type: BIGINT, meaning: The record's source and key as a hash (63 bits)}
  block_email: {type: INTEGER, meaning: E-mail address}
  block_phone: {type: INTEGER, meaning: Phone number}
  block_national_id: {type: INTEGER, meaning: National id}
  block_card: {type: INTEGER, meaning: Loyalty card}
  block_name: {type: INTEGER, meaning: "Both names, in either order"}
  block_sound: {type: INTEGER, meaning: "Both names as they sound, in either order"}
  block_root: {type: INTEGER, meaning: "Family name as it sounds, and what nicknames stand for"}
  block_name_city: {type: INTEGER, meaning: "Both names, with postal code, else city"}
  block_birth: {type: INTEGER, meaning: Day of birth}
  block_birth_given: {type: INTEGER, meaning: "Day of birth, first letter of the given name"}
  block_birth_family: {type: INTEGER, meaning: "Day of birth, first letter of the family name"}
  block_birth_day: {type: INTEGER, meaning: "Day and month of birth, first letters of both names"}
  block_home: {type: INTEGER, meaning: "House number, first letters of the street, postal code, else city"}
  block_road: {type: INTEGER, meaning: "House number, last characters of a Chinese street"}
  block_home_family: {type: INTEGER, meaning: House number and family name}
  block_given_place: {type: INTEGER, meaning: Given name and postal code}
  block_family_place: {type: INTEGER, meaning: Family name and postal code}
  block_local: {type: INTEGER, meaning: "E-mail address before the @, of five characters or more"}
  block_given_near: {type: INTEGER, meaning: "Given name, first letters of the family name, city, else year of birth"}
  block_family_near: {type: INTEGER, meaning: "Family name, first letter of the given name, city, else year of birth"}
  block_company_family: {type: INTEGER, meaning: Company and family name}
  block_company_given: {type: INTEGER, meaning: Company and given name}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kehu.integrate.identity.block import KEYS

if TYPE_CHECKING:
    import pyarrow as pa

    from kehu.warehouse.table import Inputs


def compute(inputs: Inputs) -> pa.Table:
    """Return the blocking keys of the records."""
    return inputs.connection.sql(KEYS).to_arrow_table()
