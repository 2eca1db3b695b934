import pytest

from kehu.integrate.identity.organization_name import organization_name, organization_part


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The Acme Trading Co., Ltd.", "ACME TRADING LIMITED"),
        ("Müller & Söhne GmbH", "Muller und Sohne"),
        ("Rörricht Gesellschaft mbH & Co. KG", "Rorricht GmbH & Co."),
        ("Acme Aktiengesellschaft", "ACME AG"),
        ("AT&T Inc.", "ATT"),
        ("C.Y.C. Roseland Ctr", "CYC Roseland Center"),
        ("华为技术（上海）有限公司", "华为技术(上海)股份有限公司"),
        ("宏達電子集團股份有限公司", "宏达电子"),
        ("Ｓｈａｎｇｈａｉ　Ｔｅｃｈ", "shanghai technology llc"),
    ],
)
def test_legal_forms_marks_and_scripts_make_no_other_name(one, other):
    assert organization_name(one).key == organization_name(other).key != ""


@pytest.mark.parametrize(
    ("text", "parent"),
    [
        ("Acme Corp (Leeds Branch)", "acme"),
        ("Acme Ltd - Leeds Office", "acme"),
        ("北京宏达科技有限公司上海分公司", "北京宏达科技"),
        ("北京宏达科技有限公司（上海分公司）", "北京宏达科技"),
        ("中国工商银行股份有限公司北京分行", "中国工商银行"),
        ("Acme Ltd", ""),
        ("Branch & Root Ltd", ""),
    ],
)
def test_a_branch_names_the_organization_above(text, parent):
    assert organization_name(text).parent_key == parent


@pytest.mark.parametrize(
    "text",
    [
        "Acme Inc",
        "Siemens AG",
        "Smith & Sons",
        "Lincoln Park Preschool",
        "李宁有限公司",
        "北京大学",
        "Jack Daniel Ltd.",
    ],
)
def test_a_legal_form_or_the_word_for_it_makes_an_organization(text):
    assert organization_name(text).is_organization


@pytest.mark.parametrize(
    "text", ["Ann Lee", "Tom Church", "Mary Ann Hall", "Julia Bank", "李宁", "王芳", "Jan van der Sa", "", "Co", "公司"]
)
def test_a_name_that_may_be_a_persons_makes_none(text):
    assert not organization_name(text).is_organization


def test_a_name_of_nothing_but_a_form_or_stop_words_keeps_its_words():
    assert organization_name("The Company").key == "company"
    assert organization_part(["???"]).to_pylist() == [
        {"organization_text": "???", "organization_key": None, "parent_key": None, "is_organization": False}
    ]
