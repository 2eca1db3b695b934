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
        ("номер_клиента Имя Фамилия Почта Телефон Дата_рождения Адрес Город Индекс", "birth_on"),
        ("고객번호 이름 성 이메일 휴대폰 성별 주소 도시 우편번호", "gender"),
        ("müşteri_no Adı Soyadı e-posta telefon doğum_tarihi Adres Şehir posta_kodu", "birth_on"),
    ],
    ids=["German", "Spanish", "French", "Dutch", "Russian", "Korean", "Turkish"],
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
        ((Column("id"), Column("name", spread=("Wibke Heser", "Rosa-Maria Adolph")), Column("company")), True),
        ((Column("id"), Column("name", spread=("Lamp", "Desk 2", "Model T 3")), Column("company")), False),
        ((Column("name", spread=PEOPLE),), False),
        ((Column("id"), Column("email", samples=("ann@x.org",))), True),
        ((Column("id"), Column("email", samples=("ann@x.org",), distinct_share=0.1)), False),
        ((Column("id"), Column("email", samples=("ann@x.org",)), Column("page"), Column("took")), False),
    ],
    ids=["persons", "and where", "organizations", "companies", "ratings", "things", "contacts", "models",
         "without a key", "addresses", "events", "few columns"],
)  # fmt: skip
def test_one_field_makes_a_list_of_customers_where_it_tells_whom(columns, is_list):
    assert ("customer_record" in entities(Look("list", columns))["list"]) == is_list


def export(header):
    """Return what is proposed for a file with these columns, whose name says nothing."""
    return entities(Look("export", tuple(map(Column, header.split("|")))))["export"]


def test_columns_of_an_address_are_known_by_what_follows_their_qualifiers():
    shop = export(
        "Customer ID|First Name|Last Name|Email|Default Address Company|Default Address Address1|"
        "Default Address Address2|Default Address City|Default Address Zip|Phone|Default Address Phone"
    )
    address_book = export("First Name|Last Name|E-mail 1 - Value|Phone 1 - Label|Phone 1 - Value|Address 1 - Street|"
                          "Address 1 - City|Address 1 - Region|Address 1 - Postal Code|Address 2 - Street")  # fmt: skip

    assert shop["customer_record"] == {
        "source_key": "Customer ID", "first_name": "First Name", "last_name": "Last Name", "email": "Email",
        "phone": {"column": ["Phone", "Default Address Phone"]},
        "address": {"column": ["Default Address Address1", "Default Address Address2"], "transform": "join"},
        "city": "Default Address City", "postcode": "Default Address Zip", "company": "Default Address Company",
    }  # fmt: skip
    assert address_book["customer_record"] == {
        "first_name": "First Name", "last_name": "Last Name", "email": "E-mail 1 - Value",
        "phone": "Phone 1 - Value", "address": "Address 1 - Street",
        "city": "Address 1 - City", "state": "Address 1 - Region", "postcode": "Address 1 - Postal Code",
    }  # fmt: skip


def test_remarks_and_abbreviations_of_a_form_are_understood():
    form = export("First Name*|Last Name (required)|Phone #|Cust #|DOB (dd/mm/yyyy)|Zip/Postal Code|Addr 1|Addr 2")

    assert form["customer_record"] == {
        "source_key": "Cust #", "first_name": "First Name*", "last_name": "Last Name (required)", "phone": "Phone #",
        "birth_on": "DOB (dd/mm/yyyy)", "postcode": "Zip/Postal Code",
        "address": {"column": ["Addr 1", "Addr 2"], "transform": "join"},
    }  # fmt: skip


def test_a_streets_name_is_no_persons():
    bank = export("Given Names|Surname|Street Name|Suburb/Town|Post Code|D.O.B.")

    assert bank["customer_record"] == {
        "first_name": "Given Names", "last_name": "Surname", "address": "Street Name", "city": "Suburb/Town",
        "postcode": "Post Code", "birth_on": "D.O.B.",
    }  # fmt: skip


def test_members_with_a_rating_are_customers_and_orders_with_an_address_are_orders():
    members = "Email Address|First Name|Last Name|Address|Phone Number|MEMBER_RATING|OPTIN_TIME"

    assert list(export(members)) == ["customer_record"]
    assert list(export("订单编号|收货人姓名|收货地址|联系手机|买家实际支付金额|订单创建时间|宝贝标题")) == ["orders"]
    assert list(export("score|submitted at|email")) == ["survey_response"]
    with_order = Look("customers 2024", (Column("id"), Column("name"), Column("email"), Column("order no")))
    assert list(entities(with_order)["customers 2024"]) == ["customer_record"]


def test_an_export_of_orders_is_none_of_customers():
    named = look("shop_orders_export", Name="#1001", Email="a@x.org", Subtotal="9.00", Created__at="2021-03-01 10:00",
                 Lineitem__quantity="2", Lineitem__price="4.50", Lineitem__sku="S1", Billing__Name="Ann Lee",
                 Billing__Street="1 Oak St", Id="77")  # fmt: skip

    (entity,) = entities(named)["shop_orders_export"].items()

    assert entity == ("order_line", {
        "order_key": "Name", "email": "Email", "product_key": "Lineitem sku", "ordered_at": "Created at",
        "quantity": "Lineitem quantity",
        "amount": {"column": ["Lineitem quantity", "Lineitem price"], "transform": "product"},
    })  # fmt: skip


@pytest.mark.parametrize(
    ("header", "is_key"),
    [
        ("客户姓名", False),
        ("客户地址", False),
        ("Customer city", False),
        ("Customer paid", False),
        ("客户代码", True),
        ("Customer code", True),
    ],
)
def test_what_many_customers_share_is_no_key(header, is_key):
    line = look("jd", 订单号="1", 商品编号="S1", 数量="2", 应付金额="9.00", 下单时间="2021-03-01", **{header: "x"})

    assert (entities(line)["jd"]["order_line"].get("customer_key") == header) == is_key


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        ("借款人姓名|身份证号|手机号|工作单位",
         {"full_name": "借款人姓名", "phone": "手机号", "national_id": "身份证号", "company": "工作单位"}),
        ("申请人姓名|申请人身份证号码|申请人手机|紧急联系人姓名|紧急联系人电话|担保人姓名",
         {"full_name": "申请人姓名", "phone": "申请人手机", "national_id": "申请人身份证号码"}),
        ("Applicant First Name|Applicant Last Name|Applicant DOB|Applicant SSN|Co-Applicant Name|Employer Phone",
         {"first_name": "Applicant First Name", "last_name": "Applicant Last Name", "birth_on": "Applicant DOB",
          "national_id": "Applicant SSN"}),
        ("Patient Name|Patient DOB|Patient Phone|Physician Name|Emergency Contact Name|Emergency Contact Phone",
         {"full_name": "Patient Name", "birth_on": "Patient DOB", "phone": "Patient Phone"}),
        ("First Name|Last Name|Organization Name|Organization Title",
         {"first_name": "First Name", "last_name": "Last Name", "company": "Organization Name",
          "position": "Organization Title"}),
        ("姓名|手机|公司电话|公司规模", {"full_name": "姓名", "phone": "手机"}),
        ("Name|Arbeitgeber|E-Mail", {"full_name": "Name", "company": "Arbeitgeber", "email": "E-Mail"}),
    ],
    ids=["borrowers", "applicants in Chinese", "applicants", "patients", "contacts", "companies", "in German"],
)  # fmt: skip
def test_who_a_customer_is_and_who_stands_beside(header, wanted):
    assert customers(Look("people", tuple(map(Column, header.split("|"))))) == wanted


@pytest.mark.parametrize(
    ("header", "name", "field"),
    [("Имя", "Анна Попова", "full_name"), ("Имя", "Анна", "first_name"), ("이름", "김민준", "full_name"),
     ("이름", "민준", "first_name"), ("名字", "王小明", "full_name"), ("First name", "Mary Ann Smith", "full_name")],
)  # fmt: skip
def test_a_first_name_of_several_words_is_a_whole_one_where_no_last_name_is(header, name, field):
    columns = (Column("id"), Column(header, samples=(name,)), Column("phone", samples=("020 1234567",)))

    assert customers(Look("people", columns, sample=[{header: name}]))[field] == header
    with_last = customers(Look("people", (*columns, Column("Surname")), sample=[{header: name, "Surname": "Lee"}]))
    assert with_last["first_name"] == header
