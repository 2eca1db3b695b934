"""Chinese customers and the truth about them: characters, pinyin and traditional forms of the same invented persons.

Surnames as frequent as they are, given names of one or two characters, couples with two surnames and
children with the father's at one address. `crm` writes characters, one record in eight traditional, `shop` writes
pinyin, in either order, `pos` writes characters and often only the surname with a title. Characters are mistaken for
others of one sound, phones are written with +86, 0086, gaps and full-width digits, addresses with and without
province, city and district, with numbers in digits or characters. The same seed gives the same rows.

Usage: python benchmarks/chinese.py FOLDER [--people 20000] [--seed 1]
"""

from __future__ import annotations

import argparse
from pathlib import Path

from people import made

from kehu.demo import words
from kehu.integrate.identity.name import SIMPLE

# Characters of given names that sound alike, tones aside.
SOUNDS = """
wei:伟炜威维薇玮蔚 jing:静晶京敬婧菁靖 li:丽莉黎力立俐 min:敏民旻闽 fang:芳方放 na:娜纳 yan:艳燕岩彦妍琰
ling:玲凌灵铃岭 juan:娟涓隽 xia:霞夏侠 ping:平萍屏 hua:华花桦 hong:红虹宏洪鸿 ying:英颖莹瑛盈 jun:军俊君钧骏
jie:杰洁婕捷 qiang:强蔷 lei:磊蕾雷 yang:洋阳扬杨 yong:勇永咏泳 tao:涛韬桃 ming:明铭鸣茗 chao:超朝潮
hui:慧辉惠晖卉 xin:欣鑫馨新昕 yu:宇雨玉瑜羽钰 jia:佳嘉家加 xuan:轩萱璇宣 han:涵晗翰寒 zi:子梓紫 yi:怡艺逸毅宜依
hao:浩皓昊豪 bo:博波勃 wen:文雯汶 bin:斌彬滨 feng:峰锋丰枫 jian:健建剑 guo:国果 zhi:志智芝 mei:梅美玫 xue:雪学
shu:淑书舒 zhen:珍振真贞 chun:春纯 qing:清晴青庆 ting:婷庭 lin:琳林霖麟
"""
ROADS = """
人民 中山 建设 解放 南京 北京 延安 淮海 张杨 世纪 复兴 长江 黄河 和平 胜利 文化 体育 学院 科技 创新 新华
光明 友谊 朝阳
"""
TOWNS = """
,上海市,浦东新区 ,上海市,徐汇区 ,北京市,海淀区 ,北京市,朝阳区 ,重庆市,渝中区 广东省,广州市,天河区 广东省,深圳市,南山区
浙江省,杭州市,西湖区 浙江省,宁波市,鄞州区 江苏省,南京市,鼓楼区 江苏省,苏州市,吴中区 四川省,成都市,武侯区
湖北省,武汉市,洪山区 陕西省,西安市,雁塔区 山东省,青岛市,市南区 福建省,厦门市,思明区
"""  # province, city, district: written in full, in short or not at all
MACROS = (
    "syllable(c) AS getvariable('pinyin')[list_position(getvariable('letters'), c)]",
    """alike(c, key, question) AS coalesce(list_extract(list_filter(getvariable('letters'), lambda x:
      x <> c AND getvariable('pinyin')[list_position(getvariable('letters'), x)] = syllable(c)),
      1 + die(key, question, 2)), c)""",
    """numeral(n) AS CASE WHEN n < 10 THEN '零一二三四五六七八九'[n + 1]
      ELSE CASE WHEN n < 20 THEN '' ELSE '零一二三四五六七八九'[n // 10 + 1] END || '十'
        || CASE WHEN n % 10 = 0 THEN '' ELSE '零一二三四五六七八九'[n % 10 + 1] END END""",
    "full_width(t) AS translate(t, '0123456789', '０１２３４５６７８９')",
    """mobile(key) AS '1' || pick(key, 'net', ['38', '39', '50', '58', '86', '77', '99'])
      || lpad(die(key, 'line', 100000000)::VARCHAR, 8, '0')""",
    """written(phone, key) AS list_extract([phone, '+86' || phone, '+86 ' || phone[:3] || ' ' || phone[4:7] || ' '
      || phone[8:], '0086' || phone, '86-' || phone, phone[:3] || '-' || phone[4:7] || '-' || phone[8:],
      '(+86)' || phone, full_width(phone)], 1 + die(key, 'written', 8))""",
)
PERSON = """
CREATE TABLE person AS
WITH drawn AS (
  SELECT range AS p, range // 3 * 3 AS block, range % 3 AS place, chance(range // 3, 'block') AS kind
  FROM range($people)
), placed AS (  -- three alone, a couple and one alone, or a couple with a child
  SELECT *, CASE WHEN kind < 0.4 OR kind < 0.7 AND place = 2 THEN p ELSE block END AS home FROM drawn
), named AS (
  SELECT *, p - home AS nth, skewed(CASE WHEN p - home = 2 THEN home ELSE p END, 'last', getvariable('last')) AS last,
    pick(p, 'g1', getvariable('letters')) || CASE WHEN chance(p, 'short') < 0.2 THEN ''
      ELSE pick(p, 'g2', getvariable('letters')) END AS given
  FROM placed
)
SELECT p, home, split_part(last, ':', 1) AS family, lower(split_part(last, ':', 2)) AS family_pinyin, given,
  syllable(given[1]) || coalesce(syllable(nullif(given[2], '')), '') AS given_pinyin,
  DATE '1945-01-01' + (die(p, 'birth', 22000) + CASE WHEN nth = 2 THEN 6000 ELSE 0 END)::INTEGER AS birth_on,
  mobile(p) AS phone, 1 + die(home, 'town', len(getvariable('town'))) AS town,
  pick(home, 'road', getvariable('road')) || '路' AS road, 1 + die(home, 'lane', 990) AS lane,
  1 + die(home, 'house', 60) AS house, 100 * (1 + die(home, 'floor', 20)) + 1 + die(home, 'door', 4) AS door
FROM named
"""
RECORD = """
CREATE TABLE record AS
WITH listed AS (
  SELECT p, 'crm' AS source, 0 AS nth FROM person WHERE chance(p, 'crm') < 0.88
  UNION ALL SELECT p, 'crm', 1 FROM person WHERE chance(p, 'crm') < 0.07
  UNION ALL SELECT p, 'shop', 0 FROM person WHERE chance(p, 'shop') < 0.53
  UNION ALL SELECT p, 'shop', 1 FROM person WHERE chance(p, 'shop') < 0.03
  UNION ALL SELECT p, 'pos', 0 FROM person WHERE chance(p, 'pos') < 0.42
), keyed AS (
  SELECT *, source || nth || ':' || p AS k, list_position(['crm', 'shop', 'pos'], source) AS s FROM listed
), told AS (
  SELECT *, chance(k, 'moved') < 0.1 AS moved,
    CASE WHEN chance(k, 'sound') < 0.05 THEN alike(given[1], k, 'other') || coalesce(given[2], '')
      ELSE given END AS named,
    split_part(getvariable('town')[town], ',', 1) AS province,
    split_part(getvariable('town')[town], ',', 2) AS town_name,
    split_part(getvariable('town')[town], ',', 3) AS district,
    CASE WHEN chance(k, 'changed') < 0.1 THEN mobile('old' || p) WHEN chance(k, 'changed') < 0.12
      THEN slip(phone, k, 'phone', '0123456789') ELSE phone END AS line
  FROM keyed JOIN person USING (p)
), placed AS (
  SELECT *, CASE WHEN moved THEN '老街' || (1 + die(k, 'old', 900)) || '号' ELSE road || CASE chance(k, 'style') < 0.25
    WHEN TRUE THEN lane || '弄' || numeral(house) || '号' || door || '室'
    ELSE lane || pick(k, 'lane', ['弄', '弄', '号院']) || house || pick(k, 'no', ['号', '号楼', '号'])
      || door || CASE WHEN chance(k, 'room') < 0.7 THEN '室' ELSE '' END END END AS street,
    CASE WHEN chance(k, 'whole') < 0.4 THEN province || town_name || district WHEN chance(k, 'whole') < 0.6
      THEN town_name || district WHEN chance(k, 'whole') < 0.75
      THEN replace(replace(town_name || district, '市', ''), '区', '') ELSE '' END AS region
  FROM told
)
SELECT source, source || '-' || row_number() OVER (PARTITION BY source ORDER BY hash(k), k) AS source_key, p AS person,
  CASE source WHEN 'shop' THEN CASE WHEN chance(k, 'order') < 0.5
      THEN upper(family_pinyin[1]) || family_pinyin[2:] || ' ' || upper(given_pinyin[1]) || given_pinyin[2:]
      ELSE upper(given_pinyin[1]) || given_pinyin[2:] || ' ' || upper(family_pinyin[1]) || family_pinyin[2:] END
    WHEN 'pos' THEN CASE WHEN chance(k, 'title') < 0.25 THEN family || pick(p, 'title', ['先生', '女士'])
      ELSE family || named END
    ELSE CASE WHEN chance(k, 'old form') < 0.12 THEN translate(family || named, getvariable('simple')[1],
      getvariable('old')[1]) ELSE family || named END END AS full_name,
  CASE WHEN chance(k, 'has_birth') < [0.75, 0.45, 0.5][s] THEN birth_on END AS birth_on,
  CASE WHEN chance(k, 'has_mail') < [0.45, 0.9, 0.2][s] THEN CASE
    WHEN chance(k, 'mail') < 0.1 THEN 'u' || hash(k, 'm') % 1000000000
    WHEN chance(p, 'mail') < 0.5 THEN phone ELSE given_pinyin || family_pinyin || hash(p, 'm') % 100003 END
    || pick(p, 'domain', ['@qq', '@163', '@126']) || '.example.com' END AS email,
  CASE WHEN chance(k, 'has_phone') < [0.8, 0.7, 0.75][s] THEN written(line, k) END AS phone,
  CASE WHEN chance(k, 'has_address') < [0.8, 0.75, 0.3][s] THEN
    CASE WHEN chance(k, 'wide') < 0.1 THEN full_width(region || street) ELSE region || street END END AS address,
  CASE WHEN chance(k, 'has_city') < 0.65 THEN CASE WHEN moved THEN '长沙市' WHEN chance(k, 'city') < 0.3
    THEN replace(town_name, '市', '') ELSE town_name END END AS city
FROM placed
"""
_COLUMNS = "source_key AS record_id, full_name, birth_on, email, phone, address, city"


def write(folder: Path, *, people: int, seed: int = 1) -> dict[str, int]:
    """Write ``<source>/<source>.parquet`` for three sources and ``truth.parquet``; return the numbers of rows."""
    groups = [group.split(":") for group in SOUNDS.split()]
    simple = {chr(plain): chr(old) for old, plain in SIMPLE.items() if isinstance(plain, int) and plain != old}
    lists = {
        "letters": [letter for _, letters in groups for letter in letters],
        "pinyin": [sound for sound, letters in groups for _ in letters],
        "last": list(words.HAN_LAST),
        "town": TOWNS.split(),
        "road": ROADS.split(),
        "simple": ["".join(simple)],
        "old": ["".join(simple.values())],
    }
    columns = dict.fromkeys(("crm", "shop", "pos"), _COLUMNS)
    tables = (*(f"CREATE MACRO {macro}" for macro in MACROS), PERSON.replace("$people", str(people)), RECORD)
    return made(folder, tables, lists, columns, seed)


def main() -> None:
    """Make one set."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    print(write(**vars(parser.parse_args())))


if __name__ == "__main__":
    main()
