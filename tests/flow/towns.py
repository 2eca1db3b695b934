"""Many small towns in one project: in each, people are joined and parted at random while their records change.

A town is a sequence of its own: nobody of it shares a value with anybody elsewhere, so one build serves them all. A
twin project gets the same files, batches taken back, and builds, but nobody is ever joined in it by hand.
"""

from __future__ import annotations

import csv
import random
import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import kehu
from kehu.base.errors import QueryError
from kehu.flow import identity, imports, pipeline
from kehu.flow.project import init
from kehu.flow.source import propose, write
from kehu.warehouse.lake import Lake

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from kehu.flow.project import Project

HEADS = {
    "crm": ("contact id", "name", "email", "phone", "address", "city", "postcode"),
    "shop": ("order no", "date", "email", "phone", "total"),
    "desk": ("ticket id", "created at", "requester email", "subject", "kind"),
    "survey": ("response id", "answered at", "email", "nps score", "comment"),
}
ENTITIES = {"crm": "customer_record", "shop": "orders", "desk": "interaction", "survey": "survey_response"}
PEOPLE = 4  # of a town; the first two share surname and home
SAME = ("customer", "customer_value", "orders", "interaction", "survey_response", "household_member")
BUILT = (*SAME, "merge_event", "review_pair", "suspicious_customer")
LEFT_OUT = {"build_state", "import_batch", "raw_reject", "score", "score_run"}
PARTED = {"merge_event": ("merged_at", "ended_at", "merge_id")}  # times of the run
KEPT, TOWN = "customer_id, source, source_key, home_id, founded_id", "SELECT customer_id, source_key FROM customer_xref"
BATCHES = "SELECT batch_id FROM import_batch WHERE file = ? AND replaced_by IS NULL AND (reverted_at IS NULL) = ?"
JOININGS = """
SELECT evidence ->> 'decision_id', merge_id FROM merge_event WHERE rule = 'decided' AND ended_at IS NULL ORDER BY ALL
"""
SETTINGS = 'name = "Towns"\ntime_zone = "UTC"\ncurrency = "EUR"\nregion = "US"\nthreads = {threads}\n'


@dataclass
class Town:
    """One sequence: the acts that hold in it, and what was done."""

    number: int
    open: list[str] = field(default_factory=list)  # decisions that join customers
    is_parted: bool = False  # somebody was parted by hand who was one before: nothing for the twin
    said: list[str] = field(default_factory=list)


class Towns:
    """The files, the project, its twin, and every way in which they change.

    Parameters
    ----------
    folder : Path
        Where all is made.
    dice : random.Random
        What decides.
    count, threads : int
        Towns, that is sequences; threads of a build.
    bystanders : int
        Customers who live in no town: one record each, which stays.
    """

    def __init__(self, folder: Path, dice: random.Random, count: int, *, threads: int = 2, bystanders: int = 0) -> None:
        self.dice, self.systems, self.home, self.twin = dice, folder / "systems", folder / "project", folder / "twin"
        self.towns, self.number, self.reverted = [Town(n) for n in range(count)], 0, list[str]()
        self.rows: dict[str, list[tuple[str, ...]]] = {f"{name}/{name}-{n}.csv": [] for name in HEADS for n in (1, 2)}
        for town in self.towns:
            for person in range(PEOPLE):
                self.rows["crm/crm-1.csv"].append(self.contact(town, person))
                if dice.random() < 0.4:
                    self.rows["crm/crm-2.csv"].append(self.contact(town, person))
            for n in (1, 2, 1, 2):
                self.touch(town, str(n))
        init(self.home, settings=SETTINGS.format(threads=threads))
        self.save()
        if bystanders:
            fields = (self.contact(Town(count + number), 0) for number in range(bystanders))
            self.write("crm/crm-0.csv", ((*row[:3], "", *row[4:]) for row in fields))
        for name, entity in ENTITIES.items():
            write(self.project(), propose(self.project(), name, self.systems / name, entity=entity))
        pipeline.collect(self.project())
        pipeline.build(self.project(), BUILT)
        shutil.copytree(self.home, self.twin)

    def project(self, home: Path | None = None) -> Project:
        """Open the project, or the twin."""
        return kehu.open(home or self.home)

    def save(self) -> None:
        """Write every file."""
        for file, rows in self.rows.items():
            self.write(file, rows)

    def write(self, file: str, rows: Iterable[tuple[str, ...]]) -> None:
        """Write one file."""
        path = self.systems / file
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8", newline="") as out:
            csv.writer(out).writerows([HEADS[file.partition("/")[0]], *rows])

    def contact(self, town: Town, person: int) -> tuple[str, ...]:
        """Return a record of a person; only the person's own e-mail and phone are on it."""
        self.number += 1
        given, family, street = self.word(town, person), self.word(town, -max(person, 1)), self.word(town, 90 + person)
        phone = f"+1415{2000000 + town.number * 10 + person}" if self.dice.random() < 0.7 else ""
        place = (f"{10 + town.number} {self.word(town, 91) if person < 2 else street} Street", "Rome", "00100")
        key = f"t{town.number}-{self.number}"
        return (key, f"{given} {family}", self.email(town, person), phone, *place)

    @staticmethod
    def word(town: Town, number: int) -> str:
        """Return a name that is like no other."""
        dice, letters = random.Random(town.number * 1000 + number), ("bdfgklmnprstv", "aeiou")
        return "".join(dice.choice(part) for part in letters * 4).title()

    def email(self, town: Town, person: int) -> str:
        """Return a person's address."""
        return f"{self.word(town, person)}.t{town.number}@example.com".lower()

    def touch(self, town: Town, file: str) -> str:
        """Let somebody buy, ask or answer; now and then somebody whom no record knows."""
        self.number += 1
        email = self.email(town, self.dice.randrange(PEOPLE + 2))
        at = f"2024-0{self.number % 3 + 1}-1{self.number % 7} 10:00:00"
        key, name = f"t{town.number}-{self.number}", self.dice.choice(("shop", "desk", "survey"))
        rest = {"shop": (email, "", f"{self.number % 90}.25"), "desk": (email, "Where?", "ticket"),
                "survey": (email, str(self.number % 11), "Fine")}  # fmt: skip
        self.rows.setdefault(f"{name}/{name}-{file}.csv", []).append((key, at, *rest[name]))
        return f"{name} {email}"

    def edit(self, town: Town, file: str) -> str:
        """Bring, change or take out a record of the town, or let somebody do something."""
        way = self.dice.choice(("touch", "new", "change", "gone"))
        mine = [(name, row) for name, rows in self.rows.items() if name.startswith("crm") for row in rows
                if row[0].startswith(f"t{town.number}-")]  # fmt: skip
        if way == "touch":
            return self.touch(town, file)
        if way == "new":
            row = self.contact(town, self.dice.randrange(PEOPLE))
            self.rows.setdefault(f"crm/crm-{file}.csv", []).append(row)
            return f"new {row}"
        name, row = self.dice.choice(mine)
        at = self.rows[name].index(row)
        if way == "gone" and sum(other[2] == row[2] for _, other in mine) > 1:
            self.rows[name].pop(at)
            return f"gone {row}"
        fresh = (*row[:4], self.dice.choice((row[4], f"{town.number} Oak Lane", "")), "Oslo", row[6])
        self.rows[name][at] = fresh
        return f"changed {fresh}"

    def act(self, town: Town, project: Project, customers: dict[str, list[Any]], joinings: dict[str, str]) -> str:
        """Join two customers, take an earlier joining back, or part one."""
        way = self.dice.choice(("merge", "merge", "close", "close", "same", "different"))
        names = sorted(customers, key=lambda name: customers[name])  # ids hang on a secret, records on the dice
        if way == "close" and town.open:
            return self.close(town, project, self.dice.choice(town.open), joinings)
        if way == "different":
            held = [name for name in names if len(customers[name]) > 1]
            if not held or self.dice.random() < 0.8:
                return "nothing"
            left, right = self.dice.sample(customers[self.dice.choice(held)], 2)
            town.is_parted = True
            return f"different {identity.decide(project, left, right, 'different')}"
        if len(names) < 2:
            return "nothing"
        into, other = self.dice.sample(names, 2)
        if way == "same":
            pair = (self.dice.choice(customers[into]), self.dice.choice(customers[other]))
            done = identity.decide(project, *pair, "same")
        else:
            done = identity.merge(project, into, other)
        town.open.append(done.decision_id)
        return f"{way} {done}"

    def close(self, town: Town, project: Project, decision: str, joinings: dict[str, str]) -> str:
        """Take a joining back, by unmerge or undo; now and then take that back, too."""
        town.open.remove(decision)
        try:
            if decision in joinings and self.dice.random() < 0.7:
                done = identity.unmerge(project, joinings[decision])
            else:
                done = identity.undo(project, decision)
        except QueryError as error:
            if "no longer holds" not in str(error):
                raise
            return f"{decision} is gone"
        if self.dice.random() < 0.15:
            town.open.append(identity.undo(project, done.decision_id).decision_id)
        return f"close {decision}: {done}"

    def step(self, *, is_last: bool = False) -> None:
        """Change something in every town, decide something, take a batch back; collect and build both projects."""
        self.number += 1
        file, project = str(self.number), self.project()
        lake = Lake(self.home / "data/main").reader()
        customers, joinings = self.customers(self.home), dict(lake.execute(JOININGS).rows)
        for town in self.towns:
            town.said.append("| " + self.edit(town, file))
            if is_last:
                town.said += [self.close(town, project, one, joinings) for one in list(town.open)]
            elif self.dice.random() < 0.8:
                town.said.append(self.act(town, project, customers.get(town.number, {}), joinings))
        self.save()
        self.both(lambda one: pipeline.collect(self.project(one)))
        self.turn_batch()
        self.both(lambda one: pipeline.build(self.project(one), BUILT))

    def both(self, do: Callable[[Path], object]) -> None:
        """Do something in the project and in its twin."""
        for home in (self.home, self.twin):
            do(home)

    def turn_batch(self) -> None:
        """Take a file's batch back, or give one again."""
        if self.reverted:
            file, way, is_held = self.reverted.pop(), imports.restore, False
        elif self.dice.random() < 0.5:
            file, way, is_held = self.dice.choice(sorted(self.rows)), imports.revert, True
            self.reverted.append(file)
        else:
            return
        for home in (self.home, self.twin):
            name = file.partition("/")[2]
            for (batch,) in Lake(home / "data/main").reader().execute(BATCHES, [name, is_held]).rows[:1]:
                way(self.project(home), batch)
        for town in self.towns:
            town.said.append(f"{way.__name__} {file}")

    def customers(self, home: Path) -> dict[int, dict[str, list[Any]]]:
        """Return the customers of every town with their records."""
        sql = "SELECT customer_id, source, source_key FROM customer_xref ORDER BY ALL"
        found: dict[int, dict[str, list[Any]]] = {}
        for customer, source, key in Lake(home / "data/main").reader().execute(sql).rows:
            held = found.setdefault(town_of(key), {})
            held.setdefault(customer, []).append((source, key))
        return found

    def apart_from_full(self, scratch: Path) -> list[str]:
        """Return what a full build of a copy gives otherwise: one line per table that differs."""
        shutil.rmtree(scratch, ignore_errors=True)
        shutil.copytree(self.home, scratch)
        pipeline.build(kehu.open(scratch), BUILT, full=True)
        ours, theirs = Lake(self.home / "data/main").reader(), Lake(scratch / "data/main").reader()
        found = []
        for table, columns in ours.tables().items():
            if table in LEFT_OUT or table.startswith("raw_"):
                continue
            names = ", ".join(f'"{column}"' for column, _ in columns if column not in PARTED.get(table, ()))
            sql = f"SELECT {names} FROM {table}"
            one, two = (sorted(map(spelled, reader.execute(sql).rows)) for reader in (ours, theirs))
            if one != two:
                found.append(f"{table}: {sorted(set(one) ^ set(two))[:4] or (len(one), len(two))}")
        return found

    def apart_from_twin(self) -> list[str]:
        """Return what differs from the twin in towns where no joining by hand holds: a line per table and town."""
        quiet = {town.number: town for town in self.towns if not town.open and not town.is_parted}
        ours, theirs = (self.by_town(home) for home in (self.home, self.twin))
        found = []
        for table, rows in ours.items():
            for number, town in quiet.items():
                one, other = rows.get(number, []), theirs[table].get(number, [])
                if one != other:
                    found.append(f"{table}, town {number}: {sorted(set(one) ^ set(other))[:4]} after {town.said}")
        return found

    def by_town(self, home: Path) -> dict[str, dict[int, list[str]]]:
        """Return tables' rows per town; not of customer_xref when ids came and that people decided."""
        reader = Lake(home / "data/main").reader()
        where = {customer: town_of(key) for customer, key in reader.execute(TOWN).rows}
        found: dict[str, dict[int, list[str]]] = {}
        for table, names in {"customer_xref": KEPT, **dict.fromkeys(SAME, "customer_id, *")}.items():
            rows = found.setdefault(table, {})
            for row in reader.execute(f"SELECT {names} FROM {table} ORDER BY ALL").rows:
                rows.setdefault(where[row[0]], []).append(spelled(row))
        return found


def town_of(key: str) -> int:
    """Return the town that a record's key names: t7-12, ann.t7@example.com, or a phone."""
    if key.startswith("+"):
        return (int(key[5:]) - 2000000) // 10
    number = key.partition("@")[0].partition("-")[0].rpartition("t")[2]
    return int(number)


def spelled(row: tuple[Any, ...]) -> str:
    """Return a row as text; floats with nine digits."""
    return repr(tuple(f"{value:.9g}" if isinstance(value, float) else value for value in row))
