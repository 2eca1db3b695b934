"""What makes a stream one of customers, and which of its columns belong together."""

import pytest
from tests.integrate.looks import Column, Look, customers, entities, look


def test_a_file_of_organizations_becomes_customers_that_are_organizations():
    sites = look("sites", Id="1", Site__name="Kiddie Kare", Address="1 N Ogden Ave", Zip="60607", Phone="312 226 2649",
                 Website="kare.org")  # fmt: skip
    chinese = look(
        "客户", 编号="1", 单位名称="宏达科技", 统一社会信用代码="91310000X", 地址="人民路1号", 电话="02158881234"
    )

    assert customers(sites) == {
        "source_key": "Id", "full_name": "Site name", "phone": "Phone", "address": "Address", "postcode": "Zip",
        "kind": {"value": "organization"}, "website": "Website",
    }  # fmt: skip
    assert customers(chinese)["full_name"] == "单位名称"
    assert customers(chinese)["kind"] == {"value": "organization"}
    assert customers(chinese)["tax_id"] == "统一社会信用代码"


def test_an_account_number_keys_a_list_that_has_no_better_key():
    firms = {"Company": "Acme Ltd", "Address": "1 N Ogden Ave"}

    assert customers(look("firms", **{"Account no": "7"}, **firms))["source_key"] == "Account no"
    assert customers(look("firms", **{"Account no": "7", "Customer ID": "1"}, **firms))["source_key"] == "Customer ID"


def test_persons_with_a_company_stay_persons():
    people = look(
        "customers", Id="1", First__name="Ann", Last__name="Lee", Company="Acme", Job__title="CEO", Zip="60607"
    )
    subscribers = look("contacts", id="1", email="ann@acme.com", company="Acme")

    assert "kind" not in customers(people)
    assert (customers(people)["company"], customers(people)["position"]) == ("Company", "Job title")
    assert customers(subscribers) == {"source_key": "id", "email": "email", "company": "company"}


def test_names_that_are_all_organizations_make_the_file_one_of_organizations():
    mixed = Look("accounts", (Column("id"), Column("name", samples=("Ann Lee", "Acme Ltd")), Column("tax id")))
    firms = Look("accounts", (Column("id"), Column("name", samples=("Acme Ltd", "宏达有限公司")), Column("tax id")))

    assert "kind" not in customers(mixed)
    assert customers(firms)["kind"] == {"value": "organization"}
    assert customers(firms)["tax_id"] == "tax id"


RESTAURANTS = tuple(f"{name} {kind}" for name in ("Lalo", "Bizou", "Fringale", "Chanterelle") for kind in
                    ("Cafe", "Bistro", "Restaurant", "del Rey", "on Main", "Rouge"))  # fmt: skip
PEOPLE = tuple(f"{first} {last}" for first in ("Ann", "Peter", "Zoltan", "Robert") for last in
               ("Archer", "Bell", "Clark", "Dean", "Evans", "Ford"))  # fmt: skip


@pytest.mark.parametrize(
    ("names", "is_organizations"),
    [
        (RESTAURANTS, True),
        (RESTAURANTS + PEOPLE, False),
        (RESTAURANTS + ("王小明", "李娜", "Zhang Wei") * 4, False),
        (PEOPLE, False),
        (RESTAURANTS[:6], False),  # too few to tell
    ],
)
def test_a_list_where_hardly_a_name_is_a_persons_is_one_of_organizations(names, is_organizations):
    listed = Look("list", (Column("id"), Column("name", spread=names), Column("phone", samples=("312 226 2649",))))

    assert ("kind" in customers(listed)) == is_organizations


def test_a_program_that_many_rows_name_is_no_ones_name():
    programs = Look("sites", (
        Column("Id"), Column("Program Name", samples=("Head Start",), distinct_share=0.01),
        Column("Site name", samples=("Kiddie Kare",)), Column("Address", samples=("1 N Ogden Ave",)),
    ))  # fmt: skip

    assert customers(programs)["full_name"] == "Site name"


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("Kundennummer Vorname Nachname E-Mail Telefon Geburtsdatum Straße Ort PLZ", "birth_on"),
        ("id_cliente nombre apellidos correo_electrónico teléfono fecha_de_nacimiento dirección ciudad código_postal",
         "birth_on"),
        ("n°client Prénom Nom Courriel Téléphone Sexe Adresse Ville Code_postal", "gender"),
        ("klantnummer voornaam achternaam e-mailadres telefoonnummer geslacht straat woonplaats postcode", "gender"),
    ],
    ids=["German", "Spanish", "French", "Dutch"],
)  # fmt: skip
def test_headers_of_other_languages_find_their_fields(header, field):
    names = header.split()

    found = customers(Look("a", tuple(map(Column, names))))

    fields = ("source_key", "first_name", "last_name", "email", "phone", field, "address", "city", "postcode")
    assert found == dict(zip(fields, names, strict=True))


def test_a_name_beside_a_first_name_is_the_last_name():
    columns = (Column("id"), Column("Name"), Column("Vorname"), Column("Ort"))
    apart = Look("a", columns, sample=[{"Name": "Groß", "Vorname": "Ann"}, {"Name": "Ahn", "Vorname": "Liv"}])
    whole = Look("a", columns, sample=[{"Name": "Ann Groß", "Vorname": "Ann"}, {"Name": "Ahn, Liv", "Vorname": "Liv"}])

    assert customers(apart) == {"source_key": "id", "first_name": "Vorname", "last_name": "Name", "city": "Ort"}
    assert customers(whole) == {"source_key": "id", "full_name": "Name", "first_name": "Vorname", "city": "Ort"}


def test_a_name_beside_a_last_name_is_the_first_name():
    people = Look("a", (Column("name"), Column("surname")), sample=[{"name": "Ann", "surname": "Lee"}])

    assert customers(people) == {"first_name": "name", "last_name": "surname"}


def test_a_birth_date_in_three_columns_is_joined():
    people = look("a", id="1", first_name="Ann", last_name="Lee", birth_day="27", birth_year="1967", birth_month="9")

    assert customers(people)["birth_on"] == {
        "column": ["birth_year", "birth_month", "birth_day"],
        "transform": "join",
    }
    assert "birth_on" not in customers(look("a", id="1", first_name="Ann", last_name="Lee", birth_year="1967"))


@pytest.mark.parametrize(
    ("columns", "is_list"),
    [
        ((Column("id"), Column("name", spread=PEOPLE)), True),
        ((Column("id"), Column("name", spread=PEOPLE), Column("city")), True),
        ((Column("id"), Column("name", spread=RESTAURANTS)), True),
        ((Column("id"), Column("company")), True),
        ((Column("id"), Column("company"), Column("rating"), Column("sector")), False),
        ((Column("id"), Column("name", spread=("Lamp", "Desk", "Chair", "Rug"))), False),
        ((Column("name", spread=PEOPLE),), False),
        ((Column("id"), Column("email", samples=("ann@x.org",))), True),
        ((Column("id"), Column("email", samples=("ann@x.org",), distinct_share=0.1)), False),
        ((Column("id"), Column("email", samples=("ann@x.org",)), Column("page"), Column("took")), False),
    ],
    ids=["persons", "and where", "organizations", "companies", "ratings", "things", "without a key", "addresses",
         "events", "few columns"],
)  # fmt: skip
def test_one_field_makes_a_list_of_customers_where_it_tells_whom(columns, is_list):
    assert ("customer_record" in entities(Look("list", columns))["list"]) == is_list
