from __future__ import annotations

from typing import TYPE_CHECKING

import kehu

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def orders_batch(run: Callable[..., object], shop: Path) -> str:
    batches = run("-C", shop, "import", "list", "--json").json()
    return next(batch["batch_id"] for batch in batches if batch["source"] == "sales")


def test_a_reverted_batch_is_out_of_the_lake_until_it_is_restored(run: Callable[..., object], shop: Path) -> None:
    batch = orders_batch(run, shop)

    reverted = run("-C", shop, "import", "revert", batch, "--json").json()
    again = run("-C", shop, "import", "revert", batch)
    collected = run("-C", shop, "collect", "sales", "--json").json()
    restored = run("-C", shop, "import", "restore", batch, "--json").json()

    assert (reverted["changed"], reverted["current"], reverted["former"]) == (True, None, batch)
    assert "nothing changed" in again.out
    assert f"kehu import restore {batch}" in collected["sources"][0]["warnings"][0]
    assert (restored["changed"], restored["current"], restored["batch"]["reverted_at"]) == (True, batch, None)


def test_a_revert_is_told_to_people_and_to_the_audit(run: Callable[..., object], shop: Path) -> None:
    batch = orders_batch(run, shop)

    told = run("-C", shop, "import", "revert", batch)

    assert (told.status, f"reverted {batch}: 4 rows of sales.orders" in told.out) == (0, True)
    assert "kehu build" in told.err
    assert any(line.event.text == f"revert {batch}" for line in kehu.open(shop).workspace.audit.lines(last=5))


def test_an_unknown_batch_is_refused_with_the_fix(run: Callable[..., object], shop: Path) -> None:
    refused = run("-C", shop, "import", "revert", "0123456789abcdef", "--json")

    assert (refused.status, refused.json()["error"]) == (1, "SourceError")
    assert "kehu import list" in refused.json()["fix"]


def test_a_second_revert_writes_nothing(run: Callable[..., object], shop: Path) -> None:
    batch = orders_batch(run, shop)
    run("-C", shop, "import", "revert", batch)
    before = len(kehu.open(shop).workspace.pending())

    run("-C", shop, "import", "revert", batch)

    assert len(kehu.open(shop).workspace.pending()) == before == 1
