"""The organization on a customer's page: who belongs to it, and who may see that."""

from __future__ import annotations

NAMES = ("Acme Foods Buffalo", "Acme Foods", "Head of groceries")


def test_a_member_sees_the_organization_its_parent_and_colleagues(client_of):
    text = client_of("owner").get("/customers/C00003/").content.decode()

    assert all(name in text for name in NAMES)
    assert "15 people" in text
    assert "Purchasing" in text
    assert "Known by its people only" in text
    assert 'Belongs to</dt><dd><a href="/customers/C00010/">Acme Foods</a>' in text
    assert "and 2 more" in text


def test_an_organization_shows_its_people_and_branches(client_of):
    text = client_of("owner").get("/customers/C00010/").content.decode()

    assert "An organization" in text
    assert "People and branches" in text
    assert "Acme Foods Buffalo" in text
    assert all(f'<a href="/customers/{one}/"><span class="avatar"' in text for one in ("C00004", "C00005"))


def test_what_an_organization_bought_is_told_with_what_its_people_bought(client_of):
    organization = client_of("owner").get("/customers/C00010/").content.decode()
    person = client_of("owner").get("/customers/C00004/").content.decode()

    assert all(f'<dd class="was">{bought} with its people</dd>' in organization for bought in ("$8,765.43", "41"))
    assert "by 3 customers" in person
    assert "with its people" not in person


def test_who_belongs_nowhere_has_no_card(client_of):
    assert "account-title" not in client_of("owner").get("/customers/C00001/").content.decode()


def test_names_are_hidden_behind_the_mask(client_of):
    text = client_of("analyst").get("/customers/C00003/").content.decode()

    assert "account-title" in text
    assert "<code>a2</code>" in text
    assert not any(name in text for name in NAMES)


def test_the_card_speaks_chinese(client_of):
    text = client_of("owner").get("/customers/C00003/", headers={"accept-language": "zh-CN"}).content.decode()

    assert all(words in text for words in ("所属组织", "隶属于", "采购", "仅由其成员得知", "另有 2 人"))


def test_rows_that_a_role_may_not_see_make_no_card(client_of, at_contacts):
    member = client_of("agent").get("/customers/C00003/").content.decode()
    organization = client_of("agent").get("/customers/C00010/").content.decode()

    assert "account-title" not in member
    assert 'href="/customers/C00004/"' in organization


def test_a_lake_without_accounts_has_no_card(client_of, monkeypatch):
    from kehu.govern.workspace import Workspace

    real = Workspace.tables
    monkeypatch.setattr(
        Workspace, "tables", lambda self: {name: one for name, one in real(self).items() if "account" not in name}
    )

    assert "account-title" not in client_of("owner").get("/customers/C00003/").content.decode()
