"""Which spellings are one address, and which town a line names."""

from __future__ import annotations

import pytest

from kehu.integrate.identity.address import address, town


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("12 Main Street, Apt. 4", "12 Main St"),
        ("Flat 3, 12 Baker Street", "12 baker st."),
        ("12 N. Oak Avenue #7", "12 North Oak Ave"),
        ("854 Seventh Ave. between 54th and 55th Sts.", "854 7th Avenue"),
        ("1110 Third Ave. at 65th St.", "1110 3rd Avenue"),
        ("12 Main Street No. 4", "12 Main St"),
        ("Via Roma, 12", "via roma 12"),
        ("Calle Mayor, 5, 28013 Madrid", "C/ Mayor 5"),
        ("Avenida da Liberdade nº 110, 2 andar", "Av da Liberdade 110"),
        ("Rua das Flores, n. 123", "R. das Flores 123"),
        ("48, rue des Écoles", "48 Rue des Ecoles"),
        ("Wohnung 3, Lange Straße 4", "lange str. 4"),
        ("Hauptstraße 7", "Hauptstr. 7"),
        ("人民路三十二号5栋", "人民路32号五栋"),
        ("长春街s座", "长春街S座"),
        ("ул. Ленина, д. 5, кв. 3", "Ул. Ленина 5"),
        ("Atatürk Caddesi No:5 Daire 3", "ATATURK CADDESI 5"),
        ("Λεωφόρος Συγγρού 5", "Leoforos Syggroy 5"),
        ("人民路12号A座", "人民路12号"),
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


def test_a_street_named_like_a_unit_stays() -> None:
    assert address("12 Scala Drive") == ("12", "scala dr")


@pytest.mark.parametrize("text", ["Main Street, 62704", "Main Street, 8001 Springfield", "Main Street"])
def test_a_postcode_is_no_house(text: str) -> None:
    assert address(text) == ("", "main st")


def test_other_house_numbers_stay_apart() -> None:
    assert address("12 Main St") != address("14 Main St")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("12 Main St, Springfield, IL 62704", ("Springfield", "62704")),
        ("12 Main St, Springfield IL 62704-1234", ("Springfield", "62704-1234")),
        ("12 Main St, Springfield, IL, 62704", ("Springfield", "62704")),
        ("Lange Straße 7, D-10115 Berlin", ("Berlin", "10115")),
        ("Via Roma, 12, 00184 Roma", ("Roma", "00184")),
        ("Rua das Flores 5, Porto, 4000-123", ("Porto", "4000-123")),
        ("12 High St, Leeds LS1 4DY", ("Leeds", "LS1 4DY")),
        ("中国浙江省宁波市鄞州区新华路10号 315000", ("宁波市", "315000")),
        ("北京朝阳区建国路1号", ("北京市", "")),
        ("河北省正定县东街2号", ("正定县", "")),
        ("内蒙古自治区呼和浩特市新城区", ("呼和浩特市", "")),
        ("新华路10号", ("", "")),
        ("12 Main St", ("", "")),
        ("12 Main St, Apt 4", ("", "")),
        ("Main Street, 62704", ("", "")),
        ("12 Main St, Unit 4000", ("", "")),
        ("12 Main St, PO Box 1234, St. Gallen 9000", ("St. Gallen", "9000")),
        ("Via Roma, 12", ("", "")),
        ("", ("", "")),
    ],
)
def test_a_line_names_its_town(text: str, found: tuple[str, str]) -> None:
    assert town(text) == found
