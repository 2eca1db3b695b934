"""Real pages in a real browser: nothing violated, nothing clipped, everything reachable by keyboard."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PASSWORD = "a-long-demo-password"
PAGES = {
    "overview": "/",
    "customers": "/customers/",
    "nobody": "/customers/?q=zzzz",
    "customer": "/customers/C00003/",
    "cards": "/scorers/",
    "quarantine": "/quarantine/",
    "operations": "/operations/",
    "absent": "/nothing-here/",
}
WATCH = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) => window.violations.push(event.violatedDirective));
"""


CUT = """
[document.documentElement, ...document.querySelectorAll(".figure, .card, .kpi, .scroll:has(.stacked, .people)")]
  .filter((node) => node.scrollWidth > node.clientWidth + 1).map((node) => node.className || node.tagName)
"""


class Visit:
    """One signed-in page that remembers what the browser complained about."""

    def __init__(self, browser, address, *, width=1280, theme="light", language="en", actor="owner1"):
        self.address = address
        self.context = browser.new_context(viewport={"width": width, "height": 900}, reduced_motion="reduce")
        self.context.add_init_script(WATCH)
        self.context.add_cookies(
            [
                {"name": "kehu_theme", "value": theme, "url": address},
                {"name": "kehu_language", "value": language, "url": address},
            ]
        )
        self.page = self.context.new_page()
        self.said, self.asked = [], []
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.goto(f"{address}/sign-in/")
        self.page.fill("#username", actor)
        self.page.fill("#password", PASSWORD)
        self.page.click("button.primary")
        self.page.wait_for_selector(".side, .menu", state="attached")

    def go(self, path):
        self.page.goto(self.address + path)
        self.page.wait_for_load_state("networkidle")
        return self.page

    def complaints(self):
        outside = [url for url in self.asked if not url.startswith((self.address, "data:"))]
        expected = "status of 404"  # the browser reports the page that is meant to be absent
        return [text for text in self.said if expected not in text] + outside + self.page.evaluate("window.violations")


@pytest.fixture
def visit(chromium, served):
    opened = []

    def made(**options):
        opened.append(Visit(chromium, served, **options))
        return opened[-1]

    yield made
    for one in opened:
        one.context.close()


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_page_is_clean_and_accessible(visit, theme, language):
    here = visit(theme=theme, language=language)

    found = {}
    for name, path in PAGES.items():
        page = here.go(path)
        broken = Axe().run(page).response["violations"]
        found[name] = [(one["id"], [node["html"][:120] for node in one["nodes"]][:3]) for one in broken]
        assert here.complaints() == [], name

    assert {name: broken for name, broken in found.items() if broken} == {}


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_sign_in_page_is_clean_and_accessible(chromium, served, language):
    context = chromium.new_context()
    context.add_cookies([{"name": "kehu_language", "value": language, "url": served}])
    page = context.new_page()
    said = []
    page.on("console", lambda message: said.append(message.text))

    page.goto(f"{served}/sign-in/")

    assert Axe().run(page).response["violations"] == []
    assert said == []
    context.close()


@pytest.mark.parametrize("width", [360, 768, 1440])
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_nothing_is_clipped_sideways(visit, width, language):
    here = visit(width=width, language=language)

    wide = {}
    for name, path in PAGES.items():
        page = here.go(path)
        wide[name] = page.evaluate(CUT)

    assert {name: over for name, over in wide.items() if over} == {}


def test_keyboard_finds_a_customer(visit):
    page = visit().go("/")

    page.keyboard.press("/")
    page.keyboard.type("wang fang")
    page.keyboard.press("Enter")
    page.wait_for_url("**/customers/?q=wang+fang")
    page.keyboard.press("Tab")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/customers/C*/")

    assert "王" in page.text_content("h1")


def test_filters_change_the_table_and_the_address_without_a_reload(visit):
    page = visit().go("/customers/")
    page.evaluate("window.kept = true")

    page.select_option("#f-group", "champions")
    page.wait_for_url("**group=champions**")
    page.wait_for_function(
        "document.querySelectorAll('#found tbody tr').length > 0 && !document.querySelector('.htmx-request')"
    )

    assert page.evaluate("window.kept") is True
    assert set(page.locator("#found .chip.group").all_text_contents()) <= {"Champions"}


def test_an_order_opens_to_its_lines(visit):
    page = visit().go("/customers/C00003/?kind=order")

    page.locator(".order summary").first.click()
    page.wait_for_selector(".order .lines tbody tr")

    assert page.locator(".order[open] .lines tbody tr").count() == 2


def test_work_that_was_given_up_is_tried_again_by_keyboard(visit):
    page = visit().go("/operations/")
    given_up = page.locator("section:has(#dead-title)")
    before = given_up.locator("tbody tr").count()

    page.locator("section:has(#dead-title) button").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_load_state("networkidle")

    assert before == 1
    assert page.locator("section:has(#dead-title)").count() == 0
    assert page.locator("section:has(#open-title) tbody tr").count() == 3


def test_language_and_theme_stay(visit):
    page = visit(width=1440).go("/")

    page.click(".side button[value='zh-hans']")
    page.wait_for_selector("html[lang='zh-Hans']")
    page.click(".side button[value='dark']")
    page.wait_for_selector("html[data-theme='dark']")
    page.reload()

    assert page.text_content("h1") == "概览"
    assert page.get_attribute("html", "data-theme") == "dark"
