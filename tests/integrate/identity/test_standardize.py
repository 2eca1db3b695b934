from __future__ import annotations

from kehu.integrate.identity.standardize import address_part, name_part


def test_nothing_in_gives_empty_tables_with_their_columns() -> None:
    assert name_part([]).num_rows == address_part([]).num_rows == 0
    assert "given_roots" in name_part([]).column_names
