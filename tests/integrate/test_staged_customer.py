"""What rows of customers say, typed."""

from datetime import date

from tests.integrate.stages import company, staged


def test_people_without_an_id_keep_their_key_when_they_move_in_the_file():
    people = company({"list": {"customer_record": {"full_name": "name", "email": "mail"}}}, name="fair")
    ann, bob = {"name": "Ann", "mail": "ann@x.org"}, {"name": "Bob", "mail": ""}

    one = staged([people], {"raw_fair_list": [ann, bob]}, ["stg_customer_record"])
    other = staged([people], {"raw_fair_list": [bob, ann, ann]}, ["stg_customer_record"])

    keys = "SELECT full_name, source_key FROM stg_customer_record ORDER BY full_name, source_key"
    before, after = one.execute(keys).fetchall(), other.execute(keys).fetchall()
    assert before[0] == after[0]
    assert before[1] == after[2]
    assert after[1][1] == f"{after[0][1]}-2"


def test_a_person_with_a_wrong_birthday_stays_and_the_text_is_kept():
    people = company({"list": {"customer_record": {"full_name": "name", "birth_on": "born"}}}, name="fair")
    rows = {"raw_fair_list": [{"name": "王芳", "born": "31.2.1980", "城市": "上海"}]}

    connection = staged([people], rows, ["stg_customer_record"])

    assert connection.execute("SELECT birth_on, attributes FROM stg_customer_record").fetchall() == [
        (None, '{"城市":"上海","born":"31.2.1980"}')
    ]


def test_year_month_and_day_make_a_date_where_all_three_are_known():
    fields = {"source_key": "id", "birth_on": {"column": ["y", "m", "d"], "transform": "join"}}
    rows = [("1967", "9", "27"), ("1967", "13", "27"), ("1967", None, "27"), ("1067", "9", "27")]
    people = {"raw_shop_list": [{"id": str(n), "y": y, "m": m, "d": d} for n, (y, m, d) in enumerate(rows)]}

    connection = staged([company({"list": {"customer_record": fields}})], people, ["stg_customer_record"])

    found = connection.execute("SELECT birth_on FROM stg_customer_record ORDER BY source_key").fetchall()
    assert found == [(date(1967, 9, 27),), (None,), (None,), (None,)]


def test_a_second_phone_stands_in_for_the_first_and_is_kept_beside_it():
    fields = {"source_key": "id", "phone": {"column": ["home", "mobile"]}}
    rows = [
        {"id": "1", "home": "(206) 555-0100", "mobile": "(206) 555-0177"},
        {"id": "2", "home": None, "mobile": "(206) 555-0188"},
    ]

    connection = staged(
        [company({"list": {"customer_record": fields}})], {"raw_shop_list": rows}, ["stg_customer_record"]
    )

    found = connection.execute(
        "SELECT phone, attributes->>'mobile' FROM stg_customer_record ORDER BY source_key"
    ).fetchall()
    assert found == [("+12065550100", "(206) 555-0177"), ("+12065550188", "(206) 555-0188")]


def test_not_available_is_no_value_but_of_a_country():
    fields = {"source_key": "id", "last_name": "name", "country": "country"}
    people = {"raw_shop_list": [{"id": "1", "name": "NA", "country": "NA"}, {"id": "2", "name": "Na", "country": "n"}]}

    connection = staged([company({"list": {"customer_record": fields}})], people, ["stg_customer_record"])

    found = connection.execute("SELECT last_name, country FROM stg_customer_record ORDER BY source_key").fetchall()
    assert found == [(None, "NA"), ("Na", "n")]
