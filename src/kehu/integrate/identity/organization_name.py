"""An organization's name, taken apart so that two spellings of it can be compared."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import pyarrow as pa

from kehu.integrate.identity.name import SIMPLE, is_given

if TYPE_CHECKING:
    from collections.abc import Iterable

SPLIT_FORMS = re.compile(
    r"\b(?:l\.?\s?l\.?\s?[cp]|p\.?\s?l\.?\s?c|s\.\s?a|s\.\s?p\.\s?a|s\.\s?r\.\s?l|s\.\s?l|b\.\s?v|n\.\s?v|a\.\s?g|k\.\s?k|"
    r"e\.\s?v|a/s|a\.\s?s|sp\.?\s?z\s?o\.?\s?o|sdn\.?\s?bhd|s\.\s?r\.\s?o|d\.\s?o\.\s?o|"
    r"ges(?:ellschaft)?\.?\s?m\.?\s?b\.?\s?h|gesellschaft mit beschrankter haftung|aktiengesellschaft|"
    r"(?:limited liability|public limited) company|societe anonyme|sociedad anonima)\b\.?"
)
HAN = re.compile(r"[㐀-鿿]")
HAN_LEGAL = re.compile(
    r"(?:股份有限责任|集团股份有限|集团有限责任|集团有限|股份有限|有限责任|责任有限|有限|股份|集团)?(?:总公司|分公司|子公司|公司)"
    r"|\((?:有限合伙|普通合伙|特殊普通合伙|个人独资|个体工商户|个体)\)|合伙企业|个人独资企业|集团$|株式会社"
)
HAN_ORGANIZATION = re.compile(
    r"公司|集团|合伙企业|株式会社|(?:大学|学院|中学|小学|学校|幼儿园|医院|诊所|银行|酒店|饭店|宾馆|超市|商店|商场|商行|药店|药房|厂|中心|协会|学会|商会|"
    r"基金会|研究院|研究所|委员会|事务所|工作室|经营部|营业部|合作社|专卖店|旗舰店|分店|门店|分行|支行|办事处|政府|管理局|出版社|俱乐部)$"
)
# The traditional characters most frequent in names of companies, beside those of persons.
HAN_FORMS = str.maketrans(
    "團業製電訊貿實飯廠銀險醫藥設計畫術織鐵車圖書館際運輸環產機構經濟總務創資藝"
    "網絡賓連鎖達氣聯幫顏飾裝紡體樂購證債財稅檢測儀覽傳農漁礦億華灣臺區縣門號樓層",
    "团业制电讯贸实饭厂银险医药设计画术织铁车图书馆际运输环产机构经济总务创资艺"
    "网络宾连锁达气联帮颜饰装纺体乐购证债财税检测仪览传农渔矿亿华湾台区县门号楼层",
)
BRANCH = re.compile(
    r"\b(?:branch|branches|office|outlet|location|subsidiary|filiale|niederlassung|succursale|sucursal)\b|"
    r"分公司|分行|支行|分店|门店|营业部|办事处|分部|子公司"
)
BEFORE_BRANCH = (
    r"^(.+?)\s*\([^()]*\)",
    r"^(.+?)\s+[-–—/,]\s+",
    r"^(.+公司)[^公司]*(?:分公司|分部|营业部|办事处|分店|门店|子公司)",
    r"^(.{2,}银行)(?!$)(?:股份有限公司)?[^行]*[分支]行",
)
WORD = re.compile(r"[㐀-鿿]+|[^\W_㐀-鿿]+")


@dataclass(frozen=True)
class _Words:
    """Words by what they tell; ``organization_word.csv`` says which.

    Legal forms as ISO 20275 abbreviates them, dots and blanks taken out: sure forms are stripped wherever they stand,
    plain ones make an organization wherever they stand. Organization words hardly ever stand in a person's name;
    doubtful ones are surnames, too, and count beside a third word only, after no given name.
    """

    legal_form: frozenset[str]
    sure_form: frozenset[str]
    plain_form: frozenset[str]
    organization: frozenset[str]
    doubtful: frozenset[str]
    stop: frozenset[str]
    short: dict[str, str]


@dataclass(frozen=True)
class OrganizationName:
    """What an organization's name says.

    Attributes
    ----------
    key : str
        Its words in lower case and one spelling, parted by blanks, without legal form and stop words.
    parent_key : str
        Key of the organization that a branch belongs to, empty where the name tells of no branch.
    is_organization : bool
        The name alone says that it is no person's.
    """

    key: str = ""
    parent_key: str = ""
    is_organization: bool = False


def organization_name(text: str | None) -> OrganizationName:
    """Return the parts of one organization's name.

    Examples
    --------
    >>> organization_name("The Acme Trading Co., Ltd.").key
    'acme trading'
    >>> organization_name("北京宏达科技有限公司（上海分公司）")
    OrganizationName(key='北京宏达科技 上海', parent_key='北京宏达科技', is_organization=True)
    """
    plain = _plain(text or "")
    if not plain:
        return OrganizationName()
    words = _words(plain)
    return OrganizationName(" ".join(words), _parent(plain), _is_organization(plain) or _ends_in_form(text or ""))


def organization_part(names: Iterable[str]) -> pa.Table:
    """Return one row per distinct text: organization_text, organization_key, parent_key and is_organization."""
    texts = list(names)
    parts = [organization_name(text) for text in texts]
    return pa.table(
        {
            "organization_text": pa.array(texts, pa.string()),
            "organization_key": pa.array([part.key or None for part in parts], pa.string()),
            "parent_key": pa.array([part.parent_key or None for part in parts], pa.string()),
            "is_organization": pa.array([part.is_organization for part in parts], pa.bool_()),
        }
    )


@cache
def _known() -> _Words:
    found: dict[str, frozenset[str]] = {}
    short: dict[str, str] = {}
    for line in files("kehu.integrate.identity").joinpath("organization_word.csv").read_text(encoding="utf-8").split():
        kind, first, *others = line.split(",")
        if kind == "short":
            short |= dict.fromkeys(others, first)
        else:
            found[kind] = frozenset((first, *others))
    return _Words(**found, short=short)


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).lower().translate(SIMPLE).translate(HAN_FORMS)
    latin = "".join(c for c in unicodedata.normalize("NFKD", folded) if not unicodedata.combining(c))
    return re.sub(r"\s+", " ", latin).strip()


def _words(plain: str) -> list[str]:
    bare = HAN_LEGAL.sub(" ", plain) if HAN.search(plain) else SPLIT_FORMS.sub(" ", plain)
    bare = (
        re.sub(r"\b([a-z]{1,2})&([a-z])\b", r"\1\2", BRANCH.sub(" ", bare))
        .replace("&", " and ")
        .replace("'", "")
        .replace("’", "")
    )
    bare = re.sub(r"\b(?:[a-z]\.\s?){2,}", lambda match: re.sub(r"[.\s]", "", match.group()) + " ", bare)
    said = WORD.findall(re.sub(r"(?<=[㐀-鿿]) ?[()（）] ?(?=[㐀-鿿])", " ", bare))
    known, kept = _known(), list(said)
    while len(kept) > 1 and (kept[-1] in known.legal_form or kept[-1] == "and"):
        kept.pop()
    words = [known.short.get(word, word) for word in kept if word not in known.stop and word not in known.sure_form]
    return words or [word for word in said if word not in known.stop] or said


def _parent(plain: str) -> str:
    """Return the key of the name without its branch: before brackets, a dash or the place of a 分公司."""
    if not BRANCH.search(plain):
        return ""
    for cut in BEFORE_BRANCH:
        found = re.match(cut, plain)
        if found and BRANCH.search(plain[found.end(1) :]) and not BRANCH.search(re.sub("子公司$", "", found[1])):
            return " ".join(_words(found[1]))
    return ""


def _is_organization(plain: str) -> bool:
    if HAN.search(plain) and HAN_ORGANIZATION.search(plain):
        return len(plain) > 3
    words = WORD.findall(SPLIT_FORMS.sub(" llc", plain).replace("'", ""))
    if len(words) < 2:
        return False
    known = _known()
    if words[-1] in known.sure_form or any(word in known.organization or word in known.plain_form for word in words):
        return True
    if re.search(r"&\s*(?:co|sons|company|brothers|bros)\b|&.* co$|\bco\.?,|\w co\.$", plain):
        return True
    doubtful = frozenset() if is_given(words[0]) else known.doubtful  # Mary Ann Hall
    return len(words) > 2 and any(word in doubtful or word == "company" for word in words[1:])


def _ends_in_form(text: str) -> bool:
    """Tell "Siemens AG" from "Jan van der Sa": a short form in capitals behind a word that is not."""
    words = text.split()
    return (
        len(words) > 1
        and words[-1].isupper()
        and not text.isupper()
        and words[-1].strip(".").lower() in _known().legal_form
    )
