"""A lake with a few sales, and tables made from them: what the tests of builds work on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kehu.warehouse.build.build import BuildReport, Scope, build
from kehu.warehouse.catalog import Catalog

if TYPE_CHECKING:
    from collections.abc import Callable

    from kehu.base.settings import Settings
    from kehu.warehouse.lake import Lake
    from kehu.warehouse.table import Table

    Load = Callable[[dict[str, str]], dict[str, Table]]

SALES = "('s1', 'ann', 'web', 5), ('s2', 'ann', 'till', 7), ('s3', 'bob', 'web', 1), ('s4', 'wang', 'web', 2)"
MARK = "gen_random_uuid()::VARCHAR AS mark"  # a row that is not computed anew keeps it


def table(select: str, columns: str, **header: str) -> str:
    lines = [f"{key}: {value}" for key, value in {"description": "d", "grain": "g", **header}.items()]
    return "/*\n{}\ncolumns: {{{}}}\n*/\n{}".format("\n".join(lines), columns, select)


TOTAL = table(
    "SELECT customer_id, sum(amount)::BIGINT AS amount FROM raw_sale GROUP BY customer_id",
    "customer_id: VARCHAR, amount: BIGINT",
    kind="merge", key="[customer_id]", by="[customer_id]", follows="{raw_sale: customer_id}",
)  # fmt: skip
MARKED = TOTAL.replace(" FROM", f", {MARK} FROM").replace("amount: BIGINT}", "amount: BIGINT, mark: VARCHAR}")
BEST = table("SELECT max(amount) AS amount FROM total", "amount: BIGINT")
LINE = table(
    "SELECT sale_id, customer_id, amount FROM raw_sale",
    "sale_id: VARCHAR, customer_id: VARCHAR, amount: BIGINT",
    kind="merge", key="[sale_id]", by="[sale_id]", follows="{raw_sale: {key: sale_id, unique: true}}",
)  # fmt: skip


@dataclass
class Shop:
    """A lake with a few sales, and the tables built from them."""

    lake: Lake
    load: Load
    settings: Settings
    files: dict[str, str]

    def tables(self) -> dict[str, Table]:
        return self.load({f"{name}.sql" if "/" not in name else name: text for name, text in self.files.items()})

    def sql(self, *statements: str) -> None:
        with self.lake.writer("sales", publish=False) as writer:
            for statement in statements:
                writer.connection.execute(statement)

    def build(self, *names: str, full: bool = False) -> BuildReport:
        with self.lake.writer("build", publish=True) as writer:
            return build(writer, Catalog(self.tables()), self.settings, Scope(names or None, full=full))

    def done(self, *names: str) -> dict[str, str]:
        """Build, and say per table what was done."""
        return {run.name: run.action for run in self.build(*names).tables}

    def rows(self, name: str, columns: str = "*") -> list[tuple[Any, ...]]:
        return self.lake.reader().execute(f"SELECT {columns} FROM {name} ORDER BY ALL").rows

    def everything(self) -> dict[str, list[tuple[Any, ...]]]:
        return {name: self.rows(name) for name in self.tables()}

    def is_as_if_built_whole(self) -> bool:
        """Whether a full build gives the rows that are there; of a table with marks ask nothing."""
        before = self.everything()
        self.build(full=True)
        return before == self.everything()

    def ask(self, sql: str) -> Any:
        with self.lake.writer("look", publish=False) as writer:
            return writer.connection.execute(sql).fetchall()
