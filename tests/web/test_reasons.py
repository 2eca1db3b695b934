"""Why rows were refused, in both languages."""

from __future__ import annotations

import pytest
from django.utils.translation import override

from kehu.web.sources.reading import reason


@pytest.mark.parametrize(
    ("text", "column", "english", "chinese"),
    [
        (
            "source_key: the same key as contacts.xlsx, line 404",
            "source_key",
            "the same key as contacts.xlsx, line 404",
            "键相同：contacts.xlsx 第 404 行",
        ),
        ("product_key: no product has the key 99", "product_key", "no product has the key 99", "没有键为 99 的商品"),
        ("amount: missing (实付金额 is empty)", "amount", "实付金额 is empty", "实付金额 为空"),
        ('amount: not a number: "1.2.3"', "amount", 'not a number: "1.2.3"', '不是数字："1.2.3"'),
        ("100% new: a reason", "amount", "100% new: a reason", "100% new: a reason"),
        (None, None, "", ""),
    ],
)
def test_a_reason_is_said_in_the_reader_s_language(text, column, english, chinese):
    with override("en"):
        assert reason(text, column) == english
    with override("zh-hans"):
        assert reason(text, column) == chinese
