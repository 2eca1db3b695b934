"""Real pages in a real browser: nothing violated, nothing clipped, everything reachable by keyboard."""

from __future__ import annotations

from hashlib import md5

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PASSWORD = "a-long-demo-password"
PAGES = {
    "overview": "/",
    "customers": "/customers/",
    "nobody": "/customers/?q=zzzz",
    "customer": "/customers/C00003/",
    "organization": "/customers/C00010/",
    "evidence": "/customers/C00003/evidence/",
    "identity": "/customers/identity/",
    "review": "/customers/review/",
    "end of the queue": "/customers/review/?after=0.0:z:z",
    "merge with": "/customers/C00003/merge/?q=wang",
    "merge": "/customers/C00003/merge/C00006/",
    "undo": f"/customers/C00003/joinings/{md5(b'crmK3serviceT3', usedforsecurity=False).hexdigest()}/",
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

AT_ONCE = """
window.names = () => [...document.querySelectorAll("#turn .twins thead a")].map((link) => link.textContent).join(", ");
new MutationObserver((_, watching) => {
  watching.disconnect();
  window.second = window.names();
  document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "k", bubbles: true }));
}).observe(document.querySelector("#turn").parentNode, { childList: true });
"""
BUSY = "setTimeout(() => { const end = performance.now() + 1500; while (performance.now() < end); })"


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
    expect(page.locator("#found .chip.group").filter(has_not_text="Champions")).to_have_count(0)

    assert page.locator("#found tbody tr").count() > 0
    assert page.evaluate("window.kept") is True


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

    assert before == 1
    expect(page.locator("section:has(#open-title) tbody tr")).to_have_count(3)
    expect(given_up).to_have_count(0)


def test_language_and_theme_stay(visit):
    page = visit(width=1440).go("/")

    page.click(".side button[value='zh-hans']")
    page.wait_for_selector("html[lang='zh-Hans']")
    page.click(".side button[value='dark']")
    page.wait_for_selector("html[data-theme='dark']")
    page.reload()

    assert page.text_content("h1") == "概览"
    assert page.get_attribute("html", "data-theme") == "dark"


def _pair(page):
    """Return the names of the two customers whose turn it is."""
    return page.locator("#turn .twins thead a").all_text_contents()


def test_the_review_queue_is_decided_by_keyboard(visit):
    here = visit()
    page = here.go("/customers/review/")
    first, left = _pair(page), page.text_content("#turn-title")
    page.evaluate("window.kept = true")

    page.keyboard.press("k")
    page.wait_for_function("name => document.querySelector('#turn .twins thead a').textContent !== name", arg=first[0])
    second, focused = _pair(page), page.evaluate("document.activeElement.id")
    page.keyboard.press("d")
    page.wait_for_selector("#said:has-text('Different customers')")
    page.keyboard.press("s")
    page.wait_for_selector("#said:has-text('The same customer')")
    decided = page.text_content("#turn-title")
    page.keyboard.press("u")
    page.wait_for_selector("#said:has-text('Taken back')")
    page.keyboard.press("u")
    page.wait_for_function("name => document.querySelector('#turn .twins thead a').textContent === name", arg=second[0])

    assert focused == "turn-title"
    assert "2 decided since the last build" in decided
    assert page.text_content("#turn-title") == left
    assert page.evaluate("window.kept") is True
    assert here.complaints() == []


def test_a_key_pressed_as_soon_as_the_next_pair_stands_stays_on_the_page(visit):
    page = visit().go("/customers/review/")
    first = _pair(page)
    page.evaluate("window.kept = true")
    page.evaluate(AT_ONCE)

    page.keyboard.press("k")
    page.wait_for_function("() => !window.kept || (window.second && window.names() !== window.second)")

    assert page.evaluate("window.kept") is True
    assert len({", ".join(first), page.evaluate("window.second"), ", ".join(_pair(page))}) == 3


def test_going_elsewhere_by_keyboard_decides_nothing(visit):
    page = visit().go("/customers/review/")
    left = page.text_content("#turn-title")

    page.keyboard.press("g")
    page.evaluate(BUSY)
    page.keyboard.press("s")
    page.wait_for_url("**/scorers/")
    page.go_back()

    assert page.text_content("#turn-title") == left


def test_the_review_queue_works_without_scripts(chromium, served):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{served}/sign-in/")
    page.fill("#username", "owner1")
    page.fill("#password", PASSWORD)
    page.click("button.primary")
    page.wait_for_selector(".side, .menu", state="attached")
    page.goto(f"{served}/customers/review/")
    first = _pair(page)

    page.click("button[value='different']")
    page.wait_for_url("**said=different")
    second = _pair(page)
    page.click("form[action='/customers/review/undo/'] button")
    page.wait_for_url("**said=withdrawn")

    assert second != first
    assert _pair(page) == first
    context.close()
