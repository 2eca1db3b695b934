"""What pages ask is decided by the snapshot, and says so: no word of it is one of the clock's."""

from __future__ import annotations

import pytest

from kehu.base.types import Result
from kehu.govern.answers import Answers
from kehu.present import overview, profile, scorecard, standing, timeline

ASKED = {
    f"{part.__name__.rpartition('.')[2]}.{name}": sql
    for part in (overview, profile, scorecard, standing, timeline)
    for name, sql in vars(part).items()
    if isinstance(sql, str) and "SELECT" in sql and name.isupper()
}


@pytest.mark.parametrize("sql", ASKED.values(), ids=ASKED)
def test_a_page_asked_again_is_remembered(sql: str) -> None:
    answers = Answers(1 << 20)

    for _ in range(2):
        answers.get((1, "policy", sql), (), lambda: Result(("n",), [(1,)], 1))

    assert answers.counts().hits == 1
