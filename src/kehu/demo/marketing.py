"""Marketing: real campaigns and coupon redemptions, an addressed list with invented recipients; CSV in UTF-8."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from kehu.demo import spelling
from kehu.demo.dice import dice
from kehu.demo.record import Known

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import duckdb

    from kehu.demo.people import Person

_RECIPIENT = (
    "recipient_id", "full_name", "email", "loyalty_card", "street_address", "city", "state", "zip",
    "language", "opted_in",
)  # fmt: skip
_CAMPAIGNS = """
SELECT DISTINCT 'CMP' || lpad(campaign_id::VARCHAR, 2, '0'), 'Campaign ' || campaign_id || ' (' || campaign_type || ')',
    campaign_type, start_date::DATE, end_date::DATE FROM campaign_descriptions ORDER BY 1
"""
_ADDRESSED = """
SELECT household_id, 'CMP' || lpad(campaign_id::VARCHAR, 2, '0'), start_date::DATE
FROM campaigns JOIN household USING (household_id) JOIN campaign_descriptions USING (campaign_id) ORDER BY 2, 1
"""
_REDEEMED = """
SELECT household_id, 'CMP' || lpad(campaign_id::VARCHAR, 2, '0'), coupon_upc::VARCHAR, redemption_date::DATE
FROM coupon_redemptions JOIN household USING (household_id) ORDER BY redemption_date, 1, 2, 3
"""


def recipients(connection: duckdb.DuckDBPyConnection, holders: Mapping[int, Person]) -> dict[Known, dict[str, str]]:
    """Return the mailing list: one recipient per household that was ever addressed, with the row to write."""
    rng = dice("marketing")
    rows = connection.execute(
        "SELECT DISTINCT household_id FROM campaigns JOIN household USING (household_id) ORDER BY 1"
    ).fetchall()
    found = {}
    numbers = rng.sample(range(20_000, 99_999), len(rows))
    for (household,), number in zip(rows, numbers, strict=True):
        person = holders[household]
        email = person.email if rng.random() < 0.93 else ""
        card = person.card if not email or rng.random() < 0.85 else ""
        street, city, state, postcode = person.address
        row = (
            f"R{number}", spelling.full_name(rng, person), spelling.email(rng, email) if email else "", card,
            street, city, state, postcode, "zh" if person.is_chinese else "en", rng.choice(("yes", "yes", "yes", "no")),
        )  # fmt: skip
        found[Known("marketing", row[0], person, email=email, card=card)] = dict(zip(_RECIPIENT, row, strict=True))
    return found


def write(connection: duckdb.DuckDBPyConnection, folder: Path, found: Mapping[Known, Mapping[str, str]]) -> None:
    """Write campaigns.csv, recipients.csv, addressed.csv and redemptions.csv."""
    _csv(folder / "recipients.csv", _RECIPIENT, [list(row.values()) for row in found.values()])
    campaigns = connection.execute(_CAMPAIGNS).fetchall()
    _csv(
        folder / "campaigns.csv", ("campaign_id", "campaign_name", "campaign_type", "start_date", "end_date"), campaigns
    )
    of = {known.person.household_id: row for known, row in found.items()}
    sent = [
        (f"S{number:05d}", campaign, of[household]["recipient_id"], of[household]["email"].strip(), "addressed", on)
        for number, (household, campaign, on) in enumerate(connection.execute(_ADDRESSED).fetchall(), 1)
    ]
    _csv(folder / "addressed.csv", ("send_id", "campaign_id", "recipient_id", "email", "action", "sent_on"), sent)
    redeemed = [
        (f"V{number:05d}", campaign, of[household]["recipient_id"], coupon, "redeemed", on)
        for number, (household, campaign, coupon, on) in enumerate(connection.execute(_REDEEMED).fetchall(), 1)
    ]
    header = ("redemption_id", "campaign_id", "recipient_id", "coupon_upc", "action", "redeemed_on")
    _csv(folder / "redemptions.csv", header, redeemed)


def _csv(file: Path, header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
