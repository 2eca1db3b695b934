"""A person's name, taken apart so that two spellings of it can be compared."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from kehu.integrate.identity.latin import hangul_parts, latin

# Surnames whose reading as a surname differs from the character's usual one (现代汉语词典, notes "姓").
SURNAME_READINGS = {
    "单": "shan", "仇": "qiu", "曾": "zeng", "解": "xie", "查": "zha", "朴": "piao", "区": "ou", "盖": "ge",
    "任": "ren", "华": "hua", "纪": "ji", "缪": "miao", "翟": "zhai", "折": "she", "黑": "he", "员": "yun",
    "覃": "qin", "隗": "wei", "乐": "yue", "柏": "bai", "冼": "xian", "宁": "ning", "燕": "yan", "谌": "chen",
    "那": "na", "能": "nai", "撒": "sa", "召": "shao", "种": "chong", "祭": "zhai", "逄": "pang", "句": "gou",
    "幺": "yao", "秘": "bi", "洗": "xian", "重": "chong", "尉迟": "yuchi", "万俟": "moqi", "长孙": "zhangsun",
    "令狐": "linghu", "单于": "chanyu", "澹台": "tantai",
}  # fmt: skip
COMPOUND_SURNAMES = frozenset(
    "欧阳 司马 上官 诸葛 夏侯 东方 皇甫 尉迟 公孙 慕容 令狐 长孙 宇文 司徒 司空 端木 南宫 万俟 闻人 轩辕 "  # noqa: SIM905
    "独孤 百里 呼延 东郭 西门 公冶 太史 申屠 钟离 鲜于 澹台 赫连 拓跋 单于 淳于 濮阳 宗政".split()
)
# The traditional characters most frequent in names; a whole conversion table would cost a dependency.
SIMPLE = str.maketrans(
    "陳張劉楊黃趙吳孫馬羅鄭謝韓鄧馮蕭許蔣鄒陸蘇葉盧鍾賈閻譚賴龍萬錢湯嚴顧賀龔韋紀關駱慶歐陽諸華偉麗國軍傑"
    "強剛勳東鳳蘭豔瓊瑩雲鵬輝鴻飛榮齊學愛寶貴慧蓮親長義樂銘錦鋒鑫穎濤澤潔曉時書會業興業維線綱維紅緒師務實賢質"
    "遠進連運衛衝鄉區單圓園壽夢夢奮婭寧專尋對將嵐岡幣帥廣廬彥後從徑恆懷戰揚擁敏曄極樺權歡氣漢滿潘瀟燁爾獻現"
    "環畢異發盡確禮禎種稱穩節範縣聖聰聲職肅臨舉藝蔥衆裏視覺詠詩誠語調諾謙譯讓豐資賓贊趨躍車軒轉這邊邁鄺鋼錄鎮"
    "鏡開閣陰隊雙雞難靈靜韻項順願類顯風養騰驍驕鮑鶴麥黨齡",
    "陈张刘杨黄赵吴孙马罗郑谢韩邓冯萧许蒋邹陆苏叶卢钟贾阎谭赖龙万钱汤严顾贺龚韦纪关骆庆欧阳诸华伟丽国军杰"
    "强刚勋东凤兰艳琼莹云鹏辉鸿飞荣齐学爱宝贵慧莲亲长义乐铭锦锋鑫颖涛泽洁晓时书会业兴业维线纲维红绪师务实贤质"
    "远进连运卫冲乡区单圆园寿梦梦奋娅宁专寻对将岚冈币帅广庐彦后从径恒怀战扬拥敏晔极桦权欢气汉满潘潇烨尔献现"
    "环毕异发尽确礼祯种称稳节范县圣聪声职肃临举艺葱众里视觉咏诗诚语调诺谦译让丰资宾赞趋跃车轩转这边迈邝钢录镇"
    "镜开阁阴队双鸡难灵静韵项顺愿类显风养腾骁骄鲍鹤麦党龄",
)
# About the hundred most frequent surnames of mainland China, in pinyin, the most frequent first.
PINYIN_SURNAMES = tuple(
    "wang li zhang liu chen yang huang zhao wu zhou xu sun ma zhu hu guo he lin gao luo zheng liang xie song tang deng "  # noqa: SIM905
    "han feng cao peng zeng xiao tian dong pan yuan cai jiang yu du ye cheng wei su lu ding ren yao shen zhong cui "
    "tan fan shi "
    "liao jia xia fu fang zou xiong bai meng qin qiu hou yin xue yan lei long tao hao gu mao gong shao wan qian dai "
    "mo kong xiang chang lyu lv nie niu ge pang geng ouyang sima zhuge shangguan situ huangfu linghu murong".split()
)
PINYIN = re.compile(
    "((zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?(iang|iong|uang|ang|eng|ing|ong|ian|iao|uai|uan|ai|ei|ui|ao|ou|iu|ie|ue|ve|"
    "an|en|in|un|ia|ua|uo|er|a|o|e|i|u|v))+"
)
TITLES = frozenset("mr mrs ms miss mx dr prof sir madam rev herr frau".split())  # noqa: SIM905
FAMILY = frozenset(("family", "familie", "fam", "fam.", "famille", "familia", "famiglia", "household"))
BETWEEN = frozenset(("and", "und", "et", "the", ""))  # "Mr and Mrs Smith", "the Smith family"; "" is an ampersand
BESIDE = TITLES | BETWEEN
SUFFIXES = frozenset("jr sr ii iii iv phd md esq".split())  # noqa: SIM905
PATRONYMIC = re.compile(r"(vich|[oe]vna|ichna|inichna)$")
PARTICLES = frozenset("van von der den de del della di da la le du bin ibn al el st dos das".split())  # noqa: SIM905
HAN_TITLE = re.compile(r"(先生|女士|小姐|太太|老师|经理|总|同学)$")
HAN = re.compile(r"[㐀-鿿]")
HAN_RUN = re.compile(r"[㐀-鿿々〇ぁ-ヿ][㐀-鿿々〇ぁ-ヿ·•.,\s]*")
HAN_FAMILIAR = "小老"  # before a surname: 小王 is a Wang
REMARK = re.compile(r"\([^)]*\)?|\[[^\]]*\]?|\*[^*]*\*?|(?<=\S)\s+[-–—|]\s.*")  # (deceased), *VIP*, - do not call
HAN_NAME = re.compile(r"[㐀-鿿·]{2,4}")
FIRST_READ = "〇"  # no character before it has a reading in pinyin
NOT_A_NAME = frozenset(
    "test testing unknown none null na n/a anonymous guest customer user 测试 未知 无 匿名 顾客 客户 不详".split()  # noqa: SIM905
)


@dataclass(frozen=True)
class Name:
    """What a name says; empty text where it says nothing.

    Attributes
    ----------
    given, family : str
        Comparison keys: lower-case ASCII letters of the first given name and of the family name,
        or simplified Chinese characters.
    given_sound, family_sound : str
        The whole given name and the family name in Latin letters (pinyin for Chinese).
    roots : tuple of str
        The full names a nickname may stand for, the given name itself included.
    kind : str
        How the given name is written: "han", "pinyin" or "latin". A Chinese person's English name says nothing
        against the Chinese one.
    suffix : str
        Jr, Sr, II, III, IV in lower case: it tells father and son apart.
    """

    given: str = ""
    family: str = ""
    given_sound: str = ""
    family_sound: str = ""
    roots: tuple[str, ...] = ()
    suffix: str = ""
    kind: str = ""


def name(full: str | None, first: str | None = None, last: str | None = None) -> Name:
    """Return the parts of one person's name, from a full name or from first and last name.

    Examples
    --------
    >>> name("单雄信").family_sound, name("Bob Smith Jr.").roots
    ('shan', ('bob', 'robert'))
    """
    first, last, full = _clean(first), _clean(last), _clean(full)
    if HAN.search(f"{first}{last}{full}"):
        return _han_name(first, last, full)
    first, last, full = _bare(first), _bare(last), _bare(full)
    suffix = ""
    if not (first and last) and full:
        whole_first, whole_last = hangul_parts(full)
        if not whole_last:
            whole_first, whole_last, suffix = _split_latin(full)
        first, last = first or whole_first, last or whole_last
    given, family = _words(first), _words(last)
    suffix = suffix or next((word for word in family if word in SUFFIXES), "")
    family = [word for word in family if word not in SUFFIXES] or family
    head = next((word for word in given if word not in TITLES), "")
    is_chinese = is_pinyin(head) and (not family or "".join(family) in PINYIN_SURNAMES)  # Jane Fox is not
    return Name(
        given=head,
        family="".join(family),
        given_sound="".join(word for word in given if word not in TITLES),
        family_sound="".join(family),
        roots=roots(head),
        suffix=suffix,
        kind=("pinyin" if is_chinese else "latin") if head else "",
    )


def roots(given: str) -> tuple[str, ...]:
    """Return the full names a given name may stand for, itself included, sorted.

    Examples
    --------
    >>> roots("bill")
    ('bill', 'william')
    """
    return tuple(sorted({given, *_nicknames().get(given, ())})) if given else ()


def sound(text: str, *, surname: bool = False) -> str:
    """Return Chinese characters in pinyin without tones; a surname is read as a surname."""
    if surname and text in SURNAME_READINGS:
        return SURNAME_READINGS[text]
    if max(text, default="") < FIRST_READ:
        return text
    from pypinyin import Style, lazy_pinyin  # its dictionaries take .2 s and 50 MB

    return "".join(lazy_pinyin(text, style=Style.NORMAL))


@cache
def _nicknames() -> dict[str, tuple[str, ...]]:
    found: dict[str, set[str]] = {}
    for line in files("kehu.integrate.identity").joinpath("nickname.csv").read_text(encoding="utf-8").split():
        root, *short = line.split(",")
        for nickname in short:
            found.setdefault(nickname, set()).add(root)
    return {nickname: tuple(sorted(names)) for nickname, names in found.items()}


def _clean(text: str | None) -> str:
    text = unicodedata.normalize("NFKC", text or "").strip().strip(".,;*-?")
    return "" if text.lower() in NOT_A_NAME else text


def _bare(text: str) -> str:
    """Return a name without remarks; one that is nothing else stays, and Smith - John is no name with a remark."""
    if not REMARK.search(text):
        return text
    bare = REMARK.sub(" ", text).strip(" .,;*-")
    is_name = any(map(str.isalpha, bare)) and (" " in bare or not text.startswith((f"{bare} -", f"{bare} –")))
    return bare if is_name else text


def _words(text: str) -> list[str]:
    return [word for word in re.split(r"[^a-z0-9]+", latin(text).lower().replace("'", "")) if word]


def _is_family_first(words: list[str]) -> bool:
    """Tell "Wang Xiaoming" from "Xiaoming Wang": a surname first, pinyin after it, no more frequent one at the end."""
    rank = {surname: place for place, surname in enumerate(PINYIN_SURNAMES)}
    first, last = (rank.get(word, len(rank)) for word in (words[0], words[-1]))
    return first < last and all(map(is_pinyin, words[1:]))


def _ends_in_patronymic(words: list[str]) -> bool:
    """Tell Петров Иван Сергеевич, surname first, from Иван Сергеевич Петров."""
    return len(words) == 3 and not words[2].isascii() and bool(PATRONYMIC.search(latin(words[2]).lower()))


def is_pinyin(word: str) -> bool:
    """Return whether Latin letters read as Chinese syllables and are no Western given name or nickname.

    Examples
    --------
    >>> is_pinyin("xiaoming"), is_pinyin("ben"), is_pinyin("robert")
    (True, False, False)
    """
    return bool(PINYIN.fullmatch(word)) and not is_given(word)


def is_given(word: str) -> bool:
    """Return whether a lower-case word is a known Western given name or nickname."""
    return word in _nicknames() or word in _full_names()


def is_surely_person(full: str) -> bool:
    """Return whether a name is of two to four Chinese characters, or of two or three words: pinyin, or given first.

    Examples
    --------
    >>> is_surely_person("王小明"), is_surely_person("Liz Taylor"), is_surely_person("Cafe Lalo")
    (True, True, False)
    """
    if HAN_NAME.fullmatch(_clean(full)):
        return True
    words = _words(full)
    if len(words) not in (2, 3):
        return False
    has_surname = words[0] in PINYIN_SURNAMES or words[-1] in PINYIN_SURNAMES
    return is_given(words[0]) or (has_surname and all(map(is_pinyin, words)))


@cache
def _full_names() -> frozenset[str]:
    return frozenset(root for names in _nicknames().values() for root in names)


def _han_name(first: str, last: str, full: str) -> Name:
    whole = re.sub(r"[\s·•.,]", "", _han_run(full)).translate(SIMPLE)
    family = re.sub(r"\s", "", last).translate(SIMPLE)
    given = re.sub(r"\s", "", first).translate(SIMPLE)
    if full and not (family and given):
        bare = HAN_TITLE.sub("", whole)
        titled = bare != whole
        if len(bare) == 2 and bare[0] in HAN_FAMILIAR and sound(bare[1], surname=True) in PINYIN_SURNAMES:
            bare = bare[1]
        cut = 2 if bare[:2] in COMPOUND_SURNAMES and (len(bare) > 2 or titled) else 1
        family, given = family or bare[:cut], given or bare[cut:]
    return Name(
        given=given,
        family=family,
        given_sound=sound(given).lower(),
        family_sound=sound(family, surname=True).lower(),
        roots=(given,) if given else (),
        kind="han" if given else "",
    )


def _han_run(full: str) -> str:
    """Return the Chinese name in 王小明 (Wang Xiaoming), Wang Xiaoming (王小明), 陳大文 Chan Tai Man, 张三(已离职)."""
    if HAN_RUN.fullmatch(full):
        return full
    outside = REMARK.sub(" ", full)
    found = HAN_RUN.search(outside) or HAN_RUN.search(full)
    return found[0] if found else ""


def _split_latin(full: str) -> tuple[str, str, str]:
    if "," in full:
        last, _, first = full.partition(",")
        if _words(first)[:1] and _words(first)[0] not in SUFFIXES:
            return first, last, ""
        full = last + " " + first
    said = full.split()
    words = [word for word in said if "".join(_words(word)) not in BESIDE]
    suffix = ""
    if len(words) > 1 and "".join(_words(words[-1])) in SUFFIXES:
        suffix = "".join(_words(words.pop()))
    if (len(words) < len(said) or not FAMILY.isdisjoint(map(str.lower, words))) and (alone := _surname_alone(words)):
        return "", alone, suffix
    if len(words) < 2:
        return (" ".join(words), "", suffix)
    if _is_family_first(["".join(_words(word)) for word in words]) or _ends_in_patronymic(words):
        return " ".join(words[1:]), words[0], suffix
    start = len(words) - 1
    while start > 1 and words[start - 1].lower() in PARTICLES:
        start -= 1
    return " ".join(words[:start]), " ".join(words[start:]), suffix


def _surname_alone(words: list[str]) -> str:
    """Return the surname of "Mr Wang", "the Smith family", "Familie van der Berg"; empty where a given name is."""
    rest = [word for word in words if word.lower() not in FAMILY]
    own = [word for word in rest if word.lower() not in PARTICLES]
    return " ".join(rest) if len(own) == 1 and not is_given("".join(_words(own[0]))) else ""
