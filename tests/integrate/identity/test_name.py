from __future__ import annotations

import pytest

from kehu.integrate.identity.name import is_pinyin, name


@pytest.mark.parametrize(
    ("written", "read"),
    [("单雄信", "shan"), ("仇英", "qiu"), ("曾国藩", "zeng"), ("解缙", "xie"), ("查良镛", "zha"), ("朴智星", "piao")],
)
def test_surnames_are_read_as_surnames(written: str, read: str) -> None:
    assert name(written).family_sound == read


def test_traditional_characters_equal_simplified_ones() -> None:
    assert name("劉德華").family == name("刘德华").family
    assert name("張偉") == name("张伟")


def test_compound_surname_is_kept_whole() -> None:
    assert (name("欧阳锋").family, name("欧阳锋").given) == ("欧阳", "锋")


def test_honorific_leaves_the_given_name_unknown() -> None:
    assert (name("王先生").family, name("王先生").given) == ("王", "")


def test_a_lone_chinese_part_is_not_split() -> None:
    assert (name(None, "海涛", None).given, name(None, "海涛", None).family) == ("海涛", "")
    assert (name(None, None, "蒋").given, name(None, None, "蒋").family) == ("", "蒋")


def test_pinyin_with_the_family_name_first_reads_like_the_other_order() -> None:
    assert name("Peng Meiling") == name("Meiling Peng")


@pytest.mark.parametrize("written", ["Chen Fang", "Fang Chen"])
def test_of_two_pinyin_surnames_the_more_frequent_one_is_the_family_name(written: str) -> None:
    assert (name(written).family, name(written).given) == ("chen", "fang")


def test_titles_suffixes_and_particles_are_told_from_names() -> None:
    found = name("Dr. Bob van der Berg Jr.")

    assert (found.given, found.family, found.suffix) == ("bob", "vanderberg", "jr")
    assert "robert" in found.roots


def test_comma_and_accents_do_not_matter() -> None:
    assert name("Núñez, José").family == name("Jose Nunez").family == "nunez"


def test_placeholders_are_no_names() -> None:
    assert name("N/A").family == name("未知").family == ""


def test_english_nicknames_are_no_pinyin() -> None:
    assert is_pinyin("haoran")
    assert not is_pinyin("ben")


def test_a_given_name_that_reads_as_pinyin_is_chinese_only_before_a_chinese_surname() -> None:
    assert name("Jane Fox").kind == "latin"
    assert name("Lina Wang").kind == "pinyin"


@pytest.mark.parametrize(
    ("written", "latin"),
    [
        (("Иван Петров",), ("Ivan Petrov",)),
        (("", "Мария", "Иванова"), ("", "Mariya", "Ivanova")),
        (("Γιώργος Παπάς",), ("Giorgos Papas",)),
        (("김민수",), ("", "Minsu", "Gim")),
        (("", "민수", "김"), ("김민수",)),
        (("Çiğdem Yılmaz",), ("Cigdem Yilmaz",)),
        (("Łukasz Groß",), ("Lukasz Gross",)),
        (("Петров Иван Сергеевич",), ("Иван Сергеевич Петров",)),
        (("Петрова Анна Ильинична",), ("", "Anna Ilinichna", "Petrova")),
    ],
)
def test_a_name_in_any_script_is_compared_in_latin_letters(written, latin):
    assert name(*written) == name(*latin)
    assert name(*written).given
    assert name(*written).family


@pytest.mark.parametrize(
    ("written", "given", "family"),
    [
        ("Wang Xiaoming (王小明)", "小明", "王"),
        ("王小明（Wang Xiaoming）", "小明", "王"),
        ("陳大文 Chan Tai Man", "大文", "陈"),
        ("张三（已离职）", "三", "张"),
        ("王先生 13800000000", "", "王"),
        ("小王", "", "王"),
        ("小明", "明", "小"),
        ("Ann Lee (deceased)", "ann", "lee"),
        ("Ann Lee *VIP*", "ann", "lee"),
        ("Ann Lee - do not call", "ann", "lee"),
        ("William (Bill) Smith", "william", "smith"),
        ("Ann (Annie)", "ann", ""),
        ("Smith - John", "smith", "john"),
        ("(Ann)", "ann", ""),
        ("Mr Wang", "", "wang"),
        ("Frau Müller", "", "muller"),
        ("Miss Ann", "ann", ""),
        ("Mr. and Mrs. Smith", "", "smith"),
        ("Mr. & Mrs. John Smith", "john", "smith"),
        ("The Smith Family", "", "smith"),
        ("Fam. de Vries", "", "devries"),
        ("Mr van der Berg", "", "vanderberg"),
        ("Familie Müller", "", "muller"),
    ],
)
def test_what_stands_beside_a_name_is_no_part_of_it(written: str, given: str, family: str) -> None:
    assert (name(written).given, name(written).family) == (given, family)
