"""The review queue at a terminal: pairs of customers side by side, answered by one key each."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kehu.cli.app import As, Json, project
from kehu.cli.customer import Later, build_now, customer
from kehu.cli.render import emit, note, table

if TYPE_CHECKING:
    from kehu.flow.project import Project
    from kehu.present.identity.review import ReviewPair

FIELDS = (
    "source", "source_key", "full_name", "birth_on", "gender", "email", "phone", "address", "city", "postcode",
    "loyalty_card", "company",
)  # fmt: skip
ASKED = "s same person, d different, k skip, u undo the last one, q stop: "
LAST = "u undo the last one, q stop: "


@customer.command()
def review(
    limit: Annotated[int, typer.Option("--limit", min=1, max=200, help="Pairs to ask about.")] = 20,
    later: Later = False,
    as_: As = "",
    as_json: Json = False,
) -> None:
    """Answer near misses one by one; with --json only list them."""
    from kehu.present.identity import review_queue

    opened = project(as_)
    queue = review_queue(opened.workspace, limit=limit)
    if as_json:
        emit({"total": queue.total, "pairs": [asdict(pair) for pair in queue.pairs]})
        return
    if not queue.pairs:
        note("Nothing waits for an answer.")
        return
    decided = _asked(opened, queue.pairs, queue.total)
    note(f"{len(decided)} answered")
    if decided and not later:
        note(f"built in {build_now():.1f} s")


def _asked(opened: Project, pairs: tuple[ReviewPair, ...], total: int) -> list[str]:
    """Ask about one pair after the other; return the decisions made."""
    from kehu.flow.identity import decide, undo

    decided: list[tuple[int, str]] = []
    place = 0
    while True:
        is_end = place == len(pairs)
        if is_end:
            note("No more pairs.")
        else:
            _show(pairs[place], place + 1, total)
        key = _key(LAST if is_end else ASKED)
        if key == "q":
            break
        if key == "u":
            if decided:
                place, last = decided.pop()
                undo(opened, last)
            continue
        if key in ("s", "d"):
            pair = pairs[place]
            verdict = decide(opened, pair.left.record, pair.right.record, "same" if key == "s" else "different")
            decided.append((place, verdict.decision_id))
        place += 1
    return [decision for _, decision in decided]


def _show(pair: ReviewPair, number: int, total: int) -> None:
    left, right = pair.left.records[0], pair.right.records[0]
    rows = [
        (name, left.get(name), "=" if left.get(name) == right.get(name) else "", right.get(name))
        for name in FIELDS
        if left.get(name) is not None or right.get(name) is not None
    ]
    table(("", pair.left.customer_id, "", pair.right.customer_id), rows, title=f"\n{number} of {total}")
    steps: list[Any] = [f"{step.name or step.kind} {step.bits:+.1f}" for step in pair.waterfall.steps]
    note(f"{', '.join(steps)} = {pair.waterfall.weight:.1f} bits, probability {pair.waterfall.probability:.0%}")


def _key(asked: str) -> str:
    while True:
        typer.echo(asked, nl=False, err=True)
        key = (typer.getchar() if sys.stdin.isatty() else sys.stdin.read(1)).lower()
        typer.echo(key, err=True)
        if key in ("", "\x03", "\x04"):  # the end of the input, Ctrl-C, Ctrl-D
            return "q"
        if f"{key} " in asked:
            return key
