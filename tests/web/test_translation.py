"""Every text of the web app is there in Chinese, and English pages hold no Chinese."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path

import polib
import pytest
from django.utils.translation.template import templatize

from kehu import web
from kehu.integrate.identity import compare, organization_weight
from kehu.web import words
from kehu.web.translate import mo_bytes, read_po

WEB = Path(web.__file__).parent
PO = WEB / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
CALL = re.compile(
    r"""(n?gettext)\(u?('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")(?:,\s*u?('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"))?"""
)


def messages_of_templates() -> set[str]:
    found = set()
    for path in WEB.rglob("*.html"):
        for _, text, _plural in CALL.findall(templatize(path.read_text(encoding="utf-8"))):
            found.add(ast.literal_eval(text))
    for path in WEB.rglob("*.html"):  # _("...") as an argument of a tag
        found.update(re.findall(r'_\("([^"]+)"\)', path.read_text(encoding="utf-8")))
    return found


def messages_of_code() -> set[str]:
    found = set()
    for path in WEB.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = getattr(node.func, "id", "") if isinstance(node, ast.Call) else ""
            if name in {"_", "gettext", "gettext_lazy", "ngettext"} and isinstance(node.args[0], ast.Constant):
                found.add(node.args[0].value)
    return found


def test_every_text_is_translated():
    po = polib.pofile(str(PO))
    done = {entry.msgid for entry in po if entry.translated() and "fuzzy" not in entry.flags}

    missing = (messages_of_templates() | messages_of_code()) - done

    assert not missing, sorted(missing)


def test_every_comparison_and_level_of_evidence_has_words():
    persons = {(part.name, level.name) for part in compare.COMPARISONS for level in part.levels}
    organizations = {(part.name, level) for part in organization_weight.COMPARISONS for level in part.levels}
    names, levels = zip(*(persons | organizations), strict=True)

    assert not set(names) - words.COMPARISONS.keys()
    assert not set(levels) - words.LEVELS.keys()


def test_no_translation_is_left_over_fuzzy_or_empty():
    po = polib.pofile(str(PO))

    used = messages_of_templates() | messages_of_code()

    assert [entry.msgid for entry in po if entry.msgid not in used or not entry.translated()] == []


def test_placeholders_of_a_translation_are_those_of_the_text():
    po = polib.pofile(str(PO))

    for entry in po:
        wanted = set(re.findall(r"%\(\w+\)s|%%", entry.msgid))
        for text in [entry.msgstr] if entry.msgstr else entry.msgstr_plural.values():
            assert set(re.findall(r"%\(\w+\)s|%%", text)) <= wanted | set(re.findall(r"%\(\w+\)s", entry.msgid_plural))


def test_compiled_catalog_answers_as_another_reader_of_po_files_says(tmp_path):
    target = tmp_path / "django.mo"

    target.write_bytes(mo_bytes(read_po(PO.read_text(encoding="utf-8"))))

    read = {entry.msgid: entry.msgstr for entry in polib.mofile(str(target))}
    wanted = {entry.msgid: entry.msgstr for entry in polib.pofile(str(PO))}
    assert {key: read[key] for key in wanted} == wanted


def test_set_up_compiles_the_catalogs_beside_the_module(tmp_path):
    shutil.copy(WEB / "translate.py", tmp_path)
    shutil.copytree(WEB / "locale", tmp_path / "locale", ignore=shutil.ignore_patterns("*.mo"))

    subprocess.run([sys.executable, tmp_path / "translate.py"], check=True)

    compiled = [path.read_bytes() for path in tmp_path.rglob("*.mo")]
    assert compiled == [mo_bytes(read_po(PO.read_text(encoding="utf-8")))]


def test_fuzzy_entries_are_left_out_of_the_catalog():
    text = '#, fuzzy\nmsgid "Old"\nmsgstr "旧"\n\nmsgid "New"\nmsgstr ""\n"新"\n'

    assert read_po(text) == {"New": "新"}


@pytest.mark.parametrize("path", sorted(WEB.rglob("*.html")), ids=lambda path: path.name)
def test_english_templates_hold_no_chinese(path):
    text = re.sub(r"<[^>]*lang=\"zh-Hans\"[^>]*>[^<]*<", "<", path.read_text(encoding="utf-8"))

    assert not re.search(r"[\u4e00-\u9fff]", text)
