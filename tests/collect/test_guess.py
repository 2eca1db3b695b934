"""Encodings found by looking: of whole files, small files, and files in which something is broken."""

from __future__ import annotations

import codecs

import pytest

from kehu.base.errors import SourceError
from kehu.collect import encoding, guess
from kehu.collect.encoding import encoding_of
from kehu.collect.look import look

ROWS = {
    "gb18030": "编号,姓名,城市\n1,王芳,上海\n2,李雷,杭州\n3,陈静,广州\n",
    "big5hkscs": "id,name,city\n1,陳怡君,臺北市\n2,林志豪,高雄市\n3,黃淑芬,臺中市\n",
    "cp932": "id,name,city\n1,佐藤 さくら,東京都\n2,鈴木 タロウ,大阪府\n3,高橋 花子,名古屋市\n",
    "cp949": "id,name,city\n1,김서연,서울특별시\n2,이민준,부산광역시\n3,박지후,대구광역시\n",
    "cp1250": "id,name,city\n1,Łukasz Wójcik,Gdańsk\n2,Bożena Świątek,Łódź\n3,Jiří Dvořák,Plzeň\n4,Ágnes Tóth,Győr\n",
    "cp1251": "id,name,city\n1,Анна Иванова,Москва\n2,Пётр Смирнов,Тверь\n",
    "cp1252": "id,name,city\n1,Jürgen Groß,Köln\n2,Zoë Lefèvre,Besançon\n3,José Muñoz,Málaga\n4,Åsa Öberg,Malmö\n",
    "cp1253": "id,name,city\n1,Ελένη Παπαδοπούλου,Αθήνα\n2,Γιώργος Νικολάου,Πάτρα\n",
    "cp1254": "id,name,city\n1,Ayşe Yılmaz,İzmir\n2,Çağlar Şahin,Muğla\n3,Işıl Doğan,Diyarbakır\n4,Gül Öz,Bağcılar\n",
    "cp1255": "id,name,city\n1,שרה כהן,ירושלים\n2,דוד לוי,חיפה\n",
    "cp1256": "id,name,city\n1,فاطمة الزهراء,القاهرة\n2,محمد العلي,الرياض\n",
    "cp1257": "id,name,city\n1,Jānis Bērziņš,Rīga\n2,Žydrūnė Šimkutė,Panevėžys\n3,Ķirsis Ģirts,Liepāja\n",
    "koi8-r": "id,name,city\n1,Анна Иванова,Москва\n2,Пётр Смирнов,Тверь\n",
    "cp866": "id,name,city\n1,Анна Иванова,Москва\n2,Пётр Смирнов,Тверь\n",
    "cp874": "id,name,city\n1,สมชาย ใจดี,กรุงเทพ\n2,สมหญิง รักไทย,เชียงใหม่\n",
    "iso8859-2": "id,name,city\n1,Łukasz Wójcik,Gdańsk\n2,Bożena Świątek,Łódź\n3,Grażyna Dąbrowska,Rzeszów\n",
    "iso8859-7": "id,name,city\n1,Άννα Παπαδοπούλου,Αθήνα\n2,Γιώργος Νικολάου,Πάτρα\n3,Ελένη Άγγελου,Άργος\n",
    "mac-roman": "id,name,city\n1,Jürgen Groß,Köln\n2,Zoë Lefèvre,Besançon\n3,José Muñoz,Málaga\n4,Åsa Öberg,Malmö\n",
    "cp850": "id,name,city\n1,Jürgen Groß,Köln\n2,Zoë Lefèvre,Besançon\n3,José Muñoz,Málaga\n4,Åsa Öberg,Malmö\n",
}
WESTERN = {
    "price": "€ 5",
    "degree": "20 °C",
    "quotes": "“ok”",
    "one name": "Müller",
    "prices": "5 €|7 £|3 ¥",
    "marks": "Acme®|Foo™|© 2020",
    "sizes": "Ø 12 mm|20 °C|2×4 “x”|½ m²|± 3 µm",
    "amounts": "12\xa0000\xa0€|«\xa0oui\xa0»|n°\xa05",
    "towns": "Orléans|Besançon|Nîmes|Évry",
    "states": "payé|annulé|expédié|à livrer|reçu",
    "lands": "España|México|Perú|Panamá",
    "cars": "BMW München|Škoda|Citroën|Größe",
    "mixed": "Müller & Söhne – „Gut“|20 °C|5 €",
}
CHINESE = {"sex": "男|女|女|未知", "answer": "是|否", "state": "已付款|已取消|已发货", "one": "王芳", "mark": "￥5"}


def written(tmp_path, content, codec="utf-8"):
    path = tmp_path / "a.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode(codec))
    return path


def listed(values, times=1):
    return "id,kind\n" + "".join(f"{at},{value}\n" for at, value in enumerate(values.split("|") * times))


@pytest.mark.parametrize("codec", ROWS)
def test_rows_of_names_and_towns_tell_their_encoding(tmp_path, codec):
    path = written(tmp_path, ROWS[codec], codec)

    found = encoding_of(path)

    assert path.read_text(found) == ROWS[codec]


@pytest.mark.parametrize("times", [1, 500])
@pytest.mark.parametrize(
    ("values", "codec"), [(one, "cp1252") for one in WESTERN.values()] + [(one, "gb18030") for one in CHINESE.values()]
)
def test_few_different_values_are_western_or_chinese(tmp_path, values, codec, times):
    path = written(tmp_path, listed(values, times), codec)

    assert encoding_of(path) == codec


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_what_comes_late_is_judged_too(tmp_path, monkeypatch, end):
    monkeypatch.setattr(encoding, "CHUNK", 64)
    rows = "1,Ann,Oslo\n" * 1000 + ROWS["cp1251"]

    assert encoding_of(written(tmp_path, rows.replace("\n", end), "cp1251")) == "cp1251"


def test_a_line_without_end_is_judged_too(tmp_path, monkeypatch):
    monkeypatch.setattr(encoding, "CHUNK", 64)

    assert encoding_of(written(tmp_path, "Анна Иванова, Пётр Смирнов, " * 20, "cp1251")) == "cp1251"


@pytest.mark.parametrize("codec", guess.CANDIDATES)
def test_a_mapping_takes_the_names_of_encodings(shop, codec):
    assert codecs.lookup(codec).name == codec
    assert shop.source(file="*.csv", encoding=codec).streams[0].encoding == codec


@pytest.mark.parametrize("codec", ["gb18030", "big5hkscs", "cp932", "cp949", "cp1252", "cp1253", "cp1257", "cp874"])
@pytest.mark.parametrize("times", [1, 20])
def test_a_broken_byte_is_named_and_makes_no_western_file(tmp_path, codec, times):
    first, *rest = ROWS[codec].encode(codec).splitlines(keepends=True)
    sound = first + b"".join(rest) * times
    path = written(tmp_path, sound + b"9,\x81\n")

    with pytest.raises(SourceError) as caught:
        encoding_of(path)

    line, offset = sound.count(b"\n") + 1, len(sound) + 2
    assert caught.value.where == f"{path}, line {line}"
    assert caught.value.what == f"byte 0x81 at offset {offset} is none of utf-8, {codec}"
    assert "name the encoding in the mapping (encoding: ...)" in caught.value.fix


def test_a_broken_byte_behind_the_sample_makes_no_western_file(tmp_path, monkeypatch):
    monkeypatch.setattr(encoding, "_SAMPLE", 100)
    path = written(tmp_path, ROWS["cp1251"].encode("cp1251") * 9 + b"9,\x98,x\n")

    with pytest.raises(SourceError, match=r"line 28: byte 0x98 at offset \d+ is none of utf-8, cp1251\."):
        encoding_of(path)


def test_a_guess_that_reads_as_cp1252_does_comes_behind_it(monkeypatch):
    monkeypatch.setattr(guess, "_guess", lambda _: "cp1254")

    assert guess.guesses(["João Simões".encode("cp1254")]) == ("cp1252", "cp1254")
    assert guess.guesses(["Ayşe Yılmaz".encode("cp1254")]) == ("cp1254",)


def test_a_named_encoding_sets_broken_lines_aside(shop):
    row = "1,王芳\n"
    shop.write("a.csv", f"编号,姓名\n{row * 30}".encode("gb18030") + b"9,\xc1\xff\n")

    landed = shop.land(file="*.csv", encoding="gb18030")

    assert (landed.rows, landed.rejected) == (30, 1)
    assert shop.ask("SELECT line, rule FROM raw_reject") == [(32, "undecodable")]


MIXED = [
    ("a.csv", "id,name\n", '{at},"Zoë Müller"\n', "99,Jürgen\n"),
    ("a.csv", "编号,姓名\n", "{at},王芳\n", "99,Jürgen\n"),
    ("a.jsonl", "", '{{"id": {at}, "name": "Анна Иванова"}}\n', '{{"id": 99, "name": "Jürgen"}}\n'),
]


@pytest.mark.parametrize("named", ["utf-8", ""])
@pytest.mark.parametrize(("file", "head", "row", "appended"), MIXED)
def test_western_lines_appended_to_a_utf8_file_are_set_aside(shop, file, head, row, appended, named):
    rows = "".join(row.format(at=at) for at in range(20))
    path = shop.write(file, (head + rows).encode() + appended.format().encode("cp1252"))

    (found,) = look(path)
    landed = shop.land(file="*.*", connector=found.connector, encoding=named)

    assert (found.encoding, found.rows) == ("utf-8", 20)
    assert (landed.rows, landed.rejected) == (20, 1)
    assert shop.ask("SELECT rule FROM raw_reject") == [("undecodable",)]


def test_a_file_of_two_encodings_is_refused_with_the_way_out(shop):
    rows = "1,Zoë Müller\n".encode() * 60 + "2,Jürgen\n".encode("cp1252") * 30
    shop.write("a.csv", b"id,name\n" + rows)

    with pytest.raises(SourceError, match=r"30 of 90 records.*No encoding reads all of its lines: export it again"):
        shop.land(file="*.csv", encoding="utf-8")
    with pytest.raises(SourceError, match=r"90 of 90 records.*The file reads as utf-8: write that as encoding in shop"):
        shop.land(file="*.csv", encoding="ascii")
