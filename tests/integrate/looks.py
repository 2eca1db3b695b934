"""Streams as looking at a source finds them, and what is proposed for them."""

from dataclasses import dataclass, field
from pathlib import Path

import yaml

import kehu.tables
from kehu.integrate.mapping import Mapping
from kehu.integrate.propose import propose
from kehu.warehouse.table import load_tables

TABLES = load_tables(Path(kehu.tables.__file__).parent / "staging")


@dataclass(frozen=True)
class Column:
    name: str
    type: str = "VARCHAR"
    samples: tuple[str, ...] = ()
    spread: tuple[str, ...] = ()
    null_share: float = 0.0
    distinct_share: float = 1.0


@dataclass(frozen=True)
class Look:
    name: str
    columns: tuple[Column, ...]
    connector: str = "csv"
    file: str = ""
    sheet: str = ""
    table: str = ""
    encoding: str = ""
    delimiter: str = ""
    rows: int = 3
    sample: list = field(default_factory=list)


def look(name, **samples):
    return Look(name, tuple(Column(column.replace("__", " "), samples=(value,)) for column, value in samples.items()))


def entities(*looks, **options):
    text = propose("acme", "acme", looks, TABLES, **options)
    Mapping.parse(yaml.safe_load(text), TABLES)
    return {name: stream["entities"] for name, stream in yaml.safe_load(text)["streams"].items()}


def customers(look):
    return entities(look)[look.name]["customer_record"]
