import pytest
from tests.integrate.looks import TABLES, Column, Look, customers, entities, look

from kehu.base.errors import MappingError
from kehu.integrate.likeness import date_format, earliest, is_decimal_comma
from kehu.integrate.propose import propose


def test_chinese_headers_of_a_web_shop_become_order_lines():
    shop = look(
        "orders", 订单编号="W1", 订单行号="1", 下单时间="2017/1/3 15:04", 买家邮箱="ann@x.org",
        手机号码="(212) 555-0123",
        商品编码="819312", 数量="2", 实付金额="3.99", 币种="USD",
    )  # fmt: skip

    assert entities(shop)["orders"] == {
        "order_line": {
            "order_key": "订单编号", "line_key": "订单行号", "email": "买家邮箱", "phone": "手机号码",
            "product_key": "商品编码",
            "ordered_at": "下单时间", "quantity": "数量", "amount": "实付金额", "currency": "币种",
        }
    }  # fmt: skip


def test_an_amount_is_multiplied_where_only_a_unit_price_exists():
    retail = look(
        "online_retail",
        InvoiceNo="536365",
        StockCode="85123A",
        Quantity="6",
        InvoiceDate="2010-12-01",
        UnitPrice="2.55",
        CustomerID="17850",
    )

    found = entities(retail)["online_retail"]["order_line"]

    assert found["amount"] == {"column": ["Quantity", "UnitPrice"], "transform": "product"}
    assert found["customer_key"] == "CustomerID"


def test_several_discounts_are_added():
    till = look(
        "till",
        basket_id="1",
        product_id="2",
        sales_value="1.5",
        transaction_timestamp="2017-01-01",
        retail_disc="0",
        coupon_disc="0",
    )

    found = entities(till)["till"]["order_line"]

    assert found["discount"] == {"column": ["retail_disc", "coupon_disc"], "transform": "sum"}


def test_facts_name_their_customer_by_the_key_of_the_people_beside_them():
    people = look("people", rec_id="Q1", full_name="Ann Lee", email="ann@x.org")
    calls = look("calls", call_id="C1", rec_id="Q1", started_at="2017-01-03", text="late", phone="2125550123")

    found = entities(people, calls)

    assert found["people"]["customer_record"]["source_key"] == "rec_id"
    assert found["calls"]["interaction"]["customer_key"] == "rec_id"


def test_calls_and_answers_of_a_service_desk_find_their_entities():
    calls = look("calls", call_id="C1", requester_id="U1", kind="call", started_at="2017-01-03T10:00:00Z", text="late")
    answers = look(
        "nps", answer_id="A1", requester_id="U1", score="9", answered_at="2017-01-03T10:00:00Z", comment="好"
    )

    found = entities(calls, answers)

    assert found["calls"]["interaction"]["customer_key"] == "requester_id"
    assert found["nps"]["survey_response"]["survey"] == {"value": "nps"}


def test_employees_and_lone_names_are_no_customers():
    staff = look("employee", FirstName="Ann", LastName="Lee", Email="ann@acme.org")
    genre = look("genre", GenreId="1", Name="Rock")

    found = entities(staff, genre)

    assert found == {"employee": {}, "genre": {}}


def test_a_stream_that_fits_nothing_says_why():
    text = propose("bank", "bank", [look("rates", tenor="5y", basis="act/360")], TABLES)

    assert "feeds no entity" in text
    assert "no column for" in text


def test_a_forced_entity_is_taken():
    found = entities(
        look("fake_1000", unique_id="0", first_name="Robert", surname="Alan", dob="1971-06-24"),
        entity="customer_record",
    )

    assert found["fake_1000"] == {
        "customer_record": {
            "source_key": "unique_id",
            "first_name": "first_name",
            "last_name": "surname",
            "birth_on": "dob",
        }
    }


def test_an_unknown_forced_entity_names_the_nearest():
    with pytest.raises(MappingError, match="'customer_record'"):
        propose("x", "x", [], TABLES, entity="customer_records")


@pytest.mark.parametrize(
    ("samples", "starts"),
    [
        (["13/1/2017", "3/4/2017"], "%d/%m/%Y"),
        (["1/13/2017", "3/4/2017"], "%m/%d/%Y"),
        (["2017-01-03"], ""),
        (["42738"], "excel"),
    ],
)
def test_the_order_of_day_and_month_is_decided_over_the_whole_column(samples, starts):
    assert date_format(samples).startswith(starts)
    assert bool(date_format(samples)) == bool(starts)


def test_the_order_of_day_and_month_is_seen_far_from_the_first_rows():
    born = Column("born", samples=("1/2/1970",), spread=("1/2/1970", "3/28/1981"))
    people = Look("customers", (Column("id"), Column("name"), born))

    assert customers(people)["birth_on"]["format"].startswith("%m/%d/%Y")


@pytest.mark.parametrize(
    ("days", "first"),
    [
        (["1830-01-04", "1856-02-03", "1812-03-04", "1901-02-03"], "1000-01-01"),
        (["1.2.1777", "18300104", "1790"], "1000-01-01"),
        (["1753-01-01", "1899-12-30"] * 9, ""),
        (["1753-01-01", "1980-01-02", "1981-02-03", "1990-02-03"] * 50, ""),  # a placeholder, however frequent
        (["18300", "1830000000", "2018-03-04 18:30"], ""),
        ([], ""),
    ],
)
def test_a_column_of_the_past_says_so(days, first):
    people = Look("customers", (Column("id"), Column("name"), Column("born", spread=tuple(days))))

    assert earliest(days) == first
    assert (customers(people)["birth_on"] == {"column": "born", "earliest": first}) == bool(first)


def test_a_decimal_comma_is_seen():
    assert is_decimal_comma(["1.234,56", "3,5"])
    assert not is_decimal_comma(["1,234.56", "3.5"])


def test_a_sheet_of_attributes_does_not_repeat_the_contacts_beside_it():
    sheet = Look("demographics", (Column("Contact ID"), Column("Age band")), file="contacts.xlsx", sheet="Demographics")

    assert entities(sheet) == {"demographics": {}}
