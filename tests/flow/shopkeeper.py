"""A tiny company whose files change at random: new orders, corrections, deletions, reverted batches, merged people.

Its call center writes orders in two files, heads (who, when) and lines, which need not come together.
"""

from __future__ import annotations

import csv
import shutil
from typing import TYPE_CHECKING

import kehu
from kehu.flow import imports, pipeline
from kehu.flow.project import init
from kehu.flow.source import propose, write
from kehu.warehouse.lake import Lake

if TYPE_CHECKING:
    import random
    from pathlib import Path

    from kehu.flow.project import Project

NOT_COMPARED = {"build_state", "import_batch", "raw_reject", "score", "score_run"}
TIMES = {"merge_event": ("merged_at", "ended_at", "merge_id")}
PEOPLE = (
    ("Ann Archer", "ann@example.com", "+14155550101", "K1"),
    ("Bob Baker", "bob@example.com", "+14155550102", "K2"),
    ("王芳", "wang@example.com", "+8613912345678", "K3"),
    ("Cleo Clark", "cleo@example.com", "+14155550104", "K4"),
    ("Dan Drew", "dan@example.com", "+14155550105", ""),
    ("Alf Archer", "alf@example.com", "+14155550106", ""),
)
HOMES = (("12 Elm Street", "Rome", "00100"), ("7 Oak Lane", "Oslo", "0150"), ("88 Long Road", "Paris", "75001"))
FILES = {
    "erp/products.csv": ("product no", "name", "department", "price"),
    "crm/contacts.csv": ("contact id", "name", "email", "phone", "loyalty card", "address", "city", "postcode"),
    "shop/orders-1.csv": ("order no", "line no", "date", "email", "phone", "sku", "quantity", "amount"),
    "till/day-1.csv": ("receipt no", "time", "card no", "product no", "quantity", "amount"),
    "desk/tickets-1.csv": ("ticket id", "created at", "requester email", "subject", "kind"),
    "calls/heads-1.csv": ("order no", "order date", "email", "phone", "order total", "status"),
    "calls/lines-1.csv": ("order no", "line no", "sku", "quantity", "amount"),
    "survey/answers-1.csv": ("response id", "answered at", "email", "nps score", "comment"),
}
ENTITIES = {
    "erp": "product", "crm": "customer_record", "shop": "order_line", "till": "order_line", "desk": "interaction",
    "calls": "", "survey": "survey_response",
}  # fmt: skip
Rows = dict[str, list[tuple[str, ...]]]


class Company:
    """The company's files, its project, and every way in which they can change.

    Parameters
    ----------
    folder : Path
        Where its systems and its project are made.
    dice : random.Random
        What decides.
    """

    def __init__(self, folder: Path, dice: random.Random) -> None:
        self.dice, self.systems, self.home = dice, folder / "systems", folder / "project"
        self.rows: Rows = {}
        self.order = 0
        self.rows["erp/products.csv"] = [(f"P{n}", f"Thing {n}", f"D{n % 2}", f"{n}.50") for n in range(1, 6)]
        self.rows["crm/contacts.csv"] = [(f"C{n}", *person, *HOMES[n % 5 % 3]) for n, person in enumerate(PEOPLE)]
        self.rows["shop/orders-1.csv"] = [line for _ in range(8) for line in self.shop_order()]
        self.rows["till/day-1.csv"] = [line for _ in range(8) for line in self.receipt()]
        self.rows["desk/tickets-1.csv"] = [self.ticket() for _ in range(3)]
        self.rows["survey/answers-1.csv"] = [self.answer() for _ in range(3)]
        self.call_orders("1", 4)
        self.call_orders("2", 1)  # two files make a pattern
        self.rows["shop/orders-2.csv"] = self.shop_order()
        self.rows["till/day-2.csv"] = self.receipt()
        self.rows["desk/tickets-2.csv"] = [self.ticket()]
        self.rows["survey/answers-2.csv"] = [self.answer()]
        self.save()
        init(self.home)
        for name, entity in ENTITIES.items():
            write(self.project(), propose(self.project(), name, self.systems / name, entity=entity))

    def project(self) -> Project:
        """Open the project."""
        return kehu.open(self.home)

    def save(self) -> None:
        """Write every file."""
        for file, rows in self.rows.items():
            path = self.systems / file
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("w", encoding="utf-8", newline="") as out:
                csv.writer(out).writerows([FILES[kind_of(file)], *rows])

    def shop_order(self, number: str = "") -> list[tuple[str, ...]]:
        """Return the lines of one order of the web shop."""
        self.order += 1
        person, day = self.dice.choice(PEOPLE), self.dice.randint(1, 28)
        said = (f"2024-0{self.dice.randint(1, 3)}-{day:02} 10:{self.order % 60:02}:00", person[1], person[2])
        return [
            (number or f"W{self.order}", str(line), *said, f"P{self.dice.randint(1, 7)}", "1", self.price())
            for line in range(1, self.dice.randint(2, 4))
        ]

    def price(self) -> str:
        """Return an amount."""
        return f"{self.dice.randint(1, 90)}.25"

    def receipt(self) -> list[tuple[str, ...]]:
        """Return the lines of one receipt of the till."""
        self.order += 1
        card = self.dice.choice(("K1", "K2", "K3", "K4", "K9", ""))
        at = f"2024-0{self.dice.randint(1, 3)}-{self.dice.randint(1, 28):02} 17:00:{self.order % 60:02}"
        return [
            (f"R{self.order}", at, card, f"P{self.dice.randint(1, 6)}", "2", f"{self.dice.randint(1, 50)}.10")
            for _ in range(self.dice.randint(1, 3))
        ]

    def ticket(self) -> tuple[str, ...]:
        """Return one ticket of the service desk."""
        self.order += 1
        who = self.dice.choice((*PEOPLE, ("", "new@example.com", "", "")))[1]
        return (f"T{self.order}", f"2024-03-{self.dice.randint(1, 28):02} 09:00:00", who, "Where is it?", "ticket")

    def answer(self) -> tuple[str, ...]:
        """Return one answer to the survey."""
        self.order += 1
        who = self.dice.choice((*PEOPLE, ("", "else@example.com")))[1]
        day = f"2024-03-{self.dice.randint(1, 28):02} 12:00:00"
        return (f"A{self.order}", day, who, str(self.dice.randint(0, 10)), "Fine")

    def call_orders(self, file: str, count: int) -> None:
        """Write some orders of the call center; now and then the head or the lines are missing."""
        heads, lines = f"calls/heads-{file}.csv", f"calls/lines-{file}.csv"
        self.rows[heads], self.rows[lines] = [], []
        for _ in range(count):
            self.order += 1
            number, person = f"H{self.order}", self.dice.choice(PEOPLE)
            day = f"2024-0{self.dice.randint(1, 3)}-{self.dice.randint(1, 28):02} 11:{self.order % 60:02}:00"
            if self.dice.random() < 0.8:
                self.rows[heads].append((number, day, person[1], person[2], self.price(), "paid"))
            if self.dice.random() < 0.8:
                sold = [f"P{self.dice.randint(1, 7)}" for _ in range(self.dice.randint(1, 2))]
                self.rows[lines] += [(number, str(n), sku, "1", self.price()) for n, sku in enumerate(sold, 1)]

    def step(self) -> str:
        """Change something at random, collect it, and say what it was."""
        change = self.dice.choice(
            (self.new_orders, self.new_receipts, self.new_tickets, self.new_calls, self.new_answers, self.correct,
             self.correct_head, self.shrink, self.repeat_key, self.change_products, self.change_person, self.move,
             self.revert, self.restore)
        )  # fmt: skip
        said = change()
        self.save()
        pipeline.collect(self.project())
        return said

    def new_orders(self) -> str:
        """Add a file of orders."""
        file = f"shop/orders-{self.order + 10}.csv"
        self.rows[file] = [line for _ in range(3) for line in self.shop_order()]
        return f"add {file}"

    def new_receipts(self) -> str:
        """Add a file of receipts."""
        file = f"till/day-{self.order + 10}.csv"
        self.rows[file] = [line for _ in range(3) for line in self.receipt()]
        return f"add {file}"

    def new_tickets(self) -> str:
        """Add a file of tickets."""
        file = f"desk/tickets-{self.order + 10}.csv"
        self.rows[file] = [self.ticket() for _ in range(2)]
        return f"add {file}"

    def new_calls(self) -> str:
        """Add files of call orders; some bring the head or the lines that an earlier order lacks."""
        name = str(self.order + 10)
        heads = {row[0] for file, rows in self.rows.items() if file.startswith("calls/heads") for row in rows}
        lines = {row[0] for file, rows in self.rows.items() if file.startswith("calls/lines") for row in rows}
        self.call_orders(name, 2)
        for number in sorted(lines - heads)[:1]:
            self.rows[f"calls/heads-{name}.csv"].append(
                (number, "2024-02-03 09:00:00", *PEOPLE[1][1:3], "5.00", "paid")
            )
        for number in sorted(heads - lines)[:1]:
            self.rows[f"calls/lines-{name}.csv"].append((number, "1", "P1", "1", self.price()))
        return f"add calls {name}"

    def new_answers(self) -> str:
        """Add a file of answers to the survey."""
        file = f"survey/answers-{self.order + 10}.csv"
        self.rows[file] = [self.answer() for _ in range(2)]
        return f"add {file}"

    def correct_head(self) -> str:
        """Change when a call order was made, who made it, its sum or its state."""
        file = self.dice.choice([file for file, rows in self.rows.items() if file.startswith("calls/heads") and rows])
        at, place = self.dice.randrange(len(self.rows[file])), self.dice.randint(1, 5)
        row = list(self.rows[file][at])
        row[place] = ("2024-02-09 10:00:00", PEOPLE[2][1], PEOPLE[2][2], "3.33", "sent")[place - 1]
        self.rows[file][at] = tuple(row)
        return f"correct {file} line {at}: {row}"

    def move(self) -> str:
        """Let a contact move into another home: households come and go."""
        rows = self.rows["crm/contacts.csv"]
        at = self.dice.randrange(len(rows))
        rows[at] = (*rows[at][:5], *self.dice.choice(HOMES))
        return f"contact {rows[at]} moves"

    def correct(self) -> str:
        """Change an amount, a date or who bought in a file that has landed."""
        file = self.dice.choice([file for file in self.rows if file.startswith(("shop", "till"))])
        if not self.rows[file]:
            return "nothing to correct"
        at = self.dice.randrange(len(self.rows[file]))
        row = list(self.rows[file][at])
        when = 1 if file.startswith("till") else 2
        place = self.dice.choice((len(row) - 1, when, when + 1))
        who = "K2" if file.startswith("till") else "bob@example.com"
        changed = {when: "2024-02-02 08:00:00", when + 1: who}
        row[place] = changed.get(place, self.dice.choice(("7.77", "free")))
        self.rows[file][at] = tuple(row)
        return f"correct {file} line {at}: {row}"

    def shrink(self) -> str:
        """Take a row out of a file that has landed."""
        file = self.dice.choice([file for file, rows in self.rows.items() if len(rows) > 2])
        gone = self.rows[file].pop(self.dice.randrange(len(self.rows[file])))
        return f"delete from {file}: {gone}"

    def repeat_key(self) -> str:
        """Bring an order's number a second time, in another file."""
        number = self.dice.choice(self.rows["shop/orders-1.csv"])[0]
        file = f"shop/orders-{self.order + 10}.csv"
        self.rows[file] = self.shop_order(number)
        return f"repeat {number} in {file}"

    def change_products(self) -> str:
        """Add a product that lines have named in vain, or take one out that they name."""
        rows = self.rows["erp/products.csv"]
        have = {row[0] for row in rows}
        if missing := sorted({"P6", "P7"} - have):
            rows.append((missing[0], f"Thing {missing[0]}", "D1", "9.00"))
            return f"product {missing[0]} comes"
        return f"product {rows.pop()[0]} goes"

    def change_person(self) -> str:
        """Give a contact another's e-mail (they merge), another phone, or their own again (they split)."""
        rows = self.rows["crm/contacts.csv"]
        at, other = self.dice.randrange(len(rows)), self.dice.choice(PEOPLE)
        row = list(rows[at])
        place = self.dice.choice((2, 3, 4, 6))
        row[place] = {2: other[1], 3: other[2], 4: other[3], 6: "Bergen"}[place]
        rows[at] = tuple(row)
        return f"contact {row}"

    def revert(self) -> str:
        """Take a batch back."""
        return self._turned(imports.revert, "replaced_by IS NULL AND reverted_at IS NULL", "revert")

    def restore(self) -> str:
        """Give a batch again that was taken back."""
        return self._turned(imports.restore, "reverted_at IS NOT NULL", "restore")

    def _turned(self, turn: object, where: str, word: str) -> str:
        reader = Lake(self.home / "data/main").reader()
        found = reader.execute(f"SELECT batch_id, file FROM import_batch WHERE {where} ORDER BY ALL").rows
        if not found:
            return f"nothing to {word}"
        batch, file = self.dice.choice(found)
        turn(self.project(), batch)  # type: ignore[operator]  # revert or restore
        return f"{word} {file}"

    def differences(self, scratch: Path) -> list[str]:
        """Return what a full build of a copy gives otherwise: one line per table that differs."""
        shutil.rmtree(scratch, ignore_errors=True)
        shutil.copytree(self.home, scratch)
        pipeline.build(kehu.open(scratch), full=True)
        ours, theirs = Lake(self.home / "data/main").reader(), Lake(scratch / "data/main").reader()
        found = []
        for table, columns in ours.tables().items():
            if table in NOT_COMPARED or table.startswith("raw_"):
                continue
            names = ", ".join(f'"{column}"' for column, _ in columns if column not in TIMES.get(table, ()))
            one, two = (sorted(map(repr, r.execute(f"SELECT {names} FROM {table}").rows)) for r in (ours, theirs))
            if one != two:
                found.append(f"{table}: {sorted(set(one) ^ set(two))[:3] or (len(one), len(two))}")
        return found


def kind_of(file: str) -> str:
    """Return which of the first files has the same columns."""
    return next(first for first in FILES if first.partition("-")[0] == file.partition("-")[0])
