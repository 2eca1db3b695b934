from __future__ import annotations

import pytest

from kehu.integrate.identity.standardize import address, address_part, name_part


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("12 Main Street, Apt. 4", "12 Main St"),
        ("Flat 3, 12 Baker Street", "12 baker st."),
        ("12 N. Oak Avenue #7", "12 North Oak Ave"),
        ("854 Seventh Ave. between 54th and 55th Sts.", "854 7th Avenue"),
        ("1110 Third Ave. at 65th St.", "1110 3rd Avenue"),
        ("人民路三十二号5栋", "人民路32号五栋"),
        ("上海市浦东新区张杨路500弄12号301室", "张杨路５００弄十二号301"),
        ("浙江省宁波市鄞州区新华路10号", "新华路10号"),
    ],
)
def test_spellings_of_one_address_agree(one: str, other: str) -> None:
    assert address(one) == address(other)


def test_a_street_named_like_a_district_stays() -> None:
    assert address("北京市朝阳区朝阳路3号") == ("3", "朝阳路")


def test_a_numbered_street_is_no_house() -> None:
    assert address("Third Street") == ("", "3rd st")
    assert address("3rd St") == ("", "3rd st")
    assert address("5th Ave 102") == ("102", "5th ave")
    assert address("Near 9 Elm Lane") == ("9", "near elm ln")


def test_other_house_numbers_stay_apart() -> None:
    assert address("12 Main St") != address("14 Main St")


def test_nothing_in_gives_empty_tables_with_their_columns() -> None:
    assert name_part([]).num_rows == address_part([]).num_rows == 0
    assert "given_roots" in name_part([]).column_names
