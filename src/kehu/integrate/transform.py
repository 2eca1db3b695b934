"""Turn a raw column into a typed field: every transform is one SQL expression."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kehu.base.errors import MappingError, did_you_mean
from kehu.integrate.day import moment
from kehu.integrate.telephone import bare_number, telephone

if TYPE_CHECKING:
    from collections.abc import Callable

ABSENT = ("", "-", "--", "—", "NULL", "null", "N/A", "n/a", "#N/A", "NaN", "nan", "None", "\\N", "无", "暂无")
NOT_AVAILABLE = "NA"  # what R and pandas write; as the code of a country it is Namibia
BLANKS = " \t\r\n　\u00a0\ufeff"
CLEAN = "[(+0-9](.*[!-~])?|[!-~].{3,}[!-~]"  # needs no trimming and is no word of ABSENT
BARE_ADDRESS, BARE_NUMBER = "[a-z0-9_][a-z0-9._%+-]*@[a-z0-9.-]*[a-z0-9]", "[+]?[0-9]+"
WIDE, NARROW = "０１２３４５６７８９．，－＋（）＠　", "0123456789.,-+()@ "
INTEGERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT")
FRACTIONS = ("DOUBLE", "FLOAT", "REAL")
FALLIBLE = {
    "number": "not_a_number",
    "integer": "not_a_number",
    "product": "not_a_number",
    "sum": "not_a_number",
    "date": "not_a_date",
    "datetime": "not_a_date",
}
MARKS = "(?i)rmb|cny|usd|eur|gbp|us|[￥¥$€£元\\s\u00a0]"  # currency marks people write beside amounts


def quoted(name: str) -> str:
    """Return a column or table name as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return text as a SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def is_text(raw_type: str) -> bool:
    """Tell whether a raw column holds text."""
    return raw_type.upper().split("(")[0] in ("VARCHAR", "TEXT", "STRING", "CHAR", "JSON", "BLOB")


def is_number(raw_type: str) -> bool:
    """Tell whether a raw column holds numbers already."""
    name = raw_type.upper().split("(")[0]
    return name in INTEGERS or name in FRACTIONS or name in ("DECIMAL", "NUMERIC")


def present(column: str, raw_type: str, *, is_country: bool = False) -> str:
    """Return the expression of a raw column as trimmed text, NULL where nothing was written.

    Parameters
    ----------
    column : str
        Name of the raw column.
    raw_type : str
        Its type in the raw table; text is trimmed and compared with ``ABSENT``.
    is_country : bool
        Whether ``NA`` is a value.

    Notes
    -----
    Text that matches ``CLEAN`` has nothing to trim and is no word of ``ABSENT``: one regular expression, which DuckDB
    asks once per distinct value of a Parquet dictionary (a CASE whose condition never holds keeps the dictionary).
    The list is asked as a list: an ``IN`` of many words becomes a join that trims every row.
    """
    name = quoted(column)
    if not is_text(raw_type):
        return _digits(name, raw_type)
    absent = ", ".join(literal(word) for word in (ABSENT if is_country else (*ABSENT, NOT_AVAILABLE)))
    trimmed = f"TRIM({name}, {literal(BLANKS)})"
    return (
        f"CASE WHEN NOT REGEXP_FULL_MATCH({name}, {literal(CLEAN)})"
        f" THEN CASE WHEN NOT LIST_CONTAINS([{absent}], {trimmed}) THEN {trimmed} END ELSE {name} END"
    )


def _digits(name: str, raw_type: str) -> str:
    if raw_type.upper() in FRACTIONS:  # 1234.0 is the key 1234
        whole = f"CASE WHEN {name} = TRUNC({name}) THEN TRY_CAST({name} AS BIGINT) END"
        return f"COALESCE(CAST({whole} AS VARCHAR), CAST({name} AS VARCHAR))"
    return f"CAST({name} AS VARCHAR)"


def text_name(column: str) -> str:
    """Return the column that holds ``present`` of a raw column, computed once per row."""
    return quoted(f"_t_{column}")


def clean_name(column: str, transform: str) -> str:
    """Return the column that holds ``clean`` of a raw column, computed once per row."""
    return quoted(f"_{transform}_{column}")


def halved(text: str) -> str:
    """Return the expression of text with full-width digits and marks as half-width ones (plain ASCII goes by fast)."""
    wide = f"TRANSLATE({text}, {literal(WIDE)}, {literal(NARROW)})"
    return f"CASE WHEN LENGTH({text}) = STRLEN({text}) THEN {text} ELSE {wide} END"


def clean(column: str, transform: str) -> str:
    """Return the expression that readies text for ``email`` and ``phone``, whose rules look at it many times.

    Notes
    -----
    What is plain already goes by untouched. DuckDB's time doubles with every call around a call on a dictionary.
    """
    text = text_name(column)
    plain, bare = (BARE_NUMBER, bare_number) if transform == "phone" else (BARE_ADDRESS, bare_address)
    return f"CASE WHEN NOT REGEXP_FULL_MATCH({text}, '{plain}') THEN {bare(text)} ELSE {text} END"


def number(text: str, target: str, *, decimal: str = "") -> str:
    """Return the expression of text as a number: the plain cast first, then what people write.

    Parameters
    ----------
    text : str
        Expression of trimmed text.
    target : str
        SQL type of the result.
    decimal : str, optional
        ``","`` or ``"."`` where the mapping says which mark parts whole from fraction. Without it the last
        of two marks is the decimal one, and a single comma before groups of three digits parts thousands.

    Notes
    -----
    Read are ``1,234.56``, ``1.234,56``, ``￥1,234``, full-width digits, ``(12.50)`` and ``12.50-`` (both negative).
    """
    bare = f"REGEXP_REPLACE({halved(text)}, {literal(MARKS)}, '', 'g')"
    signed = rf"REGEXP_REPLACE({bare}, '^(?:\((.*)\)|([^()-].*)-)$', '-\1\2')"
    point = f"REPLACE({signed}, ',', '')"
    comma = f"REPLACE(REPLACE({signed}, '.', ''), ',', '.')"
    if decimal == ",":
        return f"TRY_CAST({comma} AS {target})"
    grouped = rf"REGEXP_MATCHES({signed}, '^[+-]?\d{{1,3}}(,\d{{3}})+(\.\d*)?$')"
    plain = rf"REGEXP_MATCHES({signed}, '^[+-]?\d*\.?\d*$')"
    if decimal == ".":
        return f"COALESCE(TRY_CAST({text} AS {target}), TRY_CAST({point} AS {target}))"
    european = rf"REGEXP_MATCHES({signed}, '^[+-]?(\d{{1,3}}(\.\d{{3}})+|\d+)(,\d*)?$')"
    looked = (
        f"CASE WHEN {grouped} OR {plain} THEN TRY_CAST({point} AS {target})"
        f" WHEN {european} THEN TRY_CAST({comma} AS {target}) END"
    )
    return f"COALESCE(TRY_CAST({text} AS {target}), {looked})"


def bare_address(text: str) -> str:
    """Return the expression of the first e-mail address in a text, lower case, without what mail programs add."""
    first = f"SPLIT_PART(SPLIT_PART(REPLACE(LOWER({halved(text)}), 'mailto:', ''), ';', 1), ',', 1)"
    return f"TRIM(REPLACE({first}, ' ', ''), '<>.')"


def gender(text: str) -> str:
    """Return the expression of f, m, x or NULL; 1 and 2 as in GB/T 2261.1."""
    word = f"LOWER({text})"
    return (
        f"CASE WHEN {word} IN ('f', 'female', 'w', 'woman', 'women', 'weiblich', '女', '女性', '女士', '2') THEN 'f'"
        f" WHEN {word} IN ('m', 'male', 'man', 'men', 'männlich', '男', '男性', '先生', '1') THEN 'm'"
        f" WHEN {word} IN ('x', 'other', 'diverse', 'd', 'non-binary', 'nonbinary', '其他') THEN 'x' END"
    )


def boolean(text: str) -> str:
    """Return the expression of a truth value: yes/no, true/false, 1/0, 是/否."""
    word = f"LOWER({text})"
    return (
        f"CASE WHEN {word} IN ('true', 't', 'yes', 'y', '1', '是', '有', '对') THEN TRUE"
        f" WHEN {word} IN ('false', 'f', 'no', 'n', '0', '否', '没有', '错') THEN FALSE END"
    )


def name(text: str) -> str:
    """Return the expression of a name with single blanks."""
    blank = rf"REGEXP_REPLACE({text}, '[\s\u3000\u00a0]+', ' ', 'g')".replace(r"\u3000", "　").replace(
        r"\u00a0", "\u00a0"
    )
    return f"CASE WHEN CONTAINS({text}, '  ') OR CONTAINS({text}, '　') THEN {blank} ELSE {text} END"


PLAIN: dict[str, Callable[[str], str]] = {
    "text": lambda text: text,
    "key": lambda text: text,
    "upper": lambda text: f"UPPER({text})",
    "lower": lambda text: f"LOWER({text})",
    "name": name,
    "gender": gender,
    "boolean": boolean,
}
TRANSFORMS = frozenset(
    {*PLAIN, "email", "phone", "number", "integer", "date", "datetime", "product", "sum", "join", "constant"}
)


def check_transform(transform: str, where: str) -> None:
    """Raise a MappingError when no transform has this name."""
    if transform not in TRANSFORMS:
        fix = did_you_mean(transform, TRANSFORMS) or f"Use one of {', '.join(sorted(TRANSFORMS))}"
        raise MappingError(f"unknown transform {transform!r}", where=where, fix=fix)


def typed(column: str, raw_type: str, transform: str, target: str, options: dict[str, str]) -> str:
    """Return the expression that reads one raw column as a field's type.

    Parameters
    ----------
    column, raw_type : str
        The raw column and its type; a type that fits already is cast, never parsed.
    transform : str
        One of ``TRANSFORMS`` that reads a single column.
    target : str
        SQL type of the field.
    options : dict
        ``region`` for phones; ``format``, ``zone`` for dates; ``decimal`` for numbers.
    """
    if transform in FALLIBLE and is_number(raw_type) and transform not in ("date", "datetime"):
        return f"TRY_CAST({quoted(column)} AS {target})"
    if transform in ("date", "datetime"):
        return moment(quoted(column), text_name(column), raw_type, target, options)
    text = text_name(column)
    if transform in ("number", "integer", "product", "sum"):
        return number(text, target, decimal=options.get("decimal", ""))
    if transform == "phone":
        return telephone(clean_name(column, transform), options.get("region", "US"))
    if transform == "email":
        bare = clean_name(column, transform)
        return f"CASE WHEN {bare} LIKE '%_@_%' THEN {bare} END"
    return PLAIN[transform](text)
