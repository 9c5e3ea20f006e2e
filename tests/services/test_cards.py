"""The cards of all families in a real browser, light and dark: a visitor's first screen has what a visitor looks for."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from builders import family as families
from tests.doubles import card_page
from tests.harness import Workspace

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1800)]

SCHEMES = ("light", "dark")
THINGS = {
    "what it is": "h1 + p",
    "for whom it is not": "p:has(strong:text-is('Not for'))",
    "rows and tokens": "table:has(th:text-is('tokens')) + p:has(code:text-is('cl100k_base'))",
    "licence": "p:has(strong:text-is('Licence:'))",
    "how to load it": "pre:has-text('load_dataset(')",
    "the funnel": "p:has(strong:text-is('Funnel:'))",
    "a row": "table:has(th:text-is('a row'))",
}
"""What a visitor looks for → where it is on the page."""
_LEAST_CONTRAST = 4.5
_CONTRAST = """() => {
  const light = colour => {
    const [r, g, b] = colour.match(/[\\d.]+/g).slice(0, 3).map(part => part / 255)
      .map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const style = getComputedStyle(document.body);
  const [one, other] = [light(style.color), light(style.backgroundColor)].sort((a, b) => b - a);
  return (one + 0.05) / (other + 0.05);
}"""


@contextmanager
def opened() -> Iterator[Any]:
    """Give a browser."""
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium")
    assert chromium, "install Debian's chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield browser
        browser.close()


def test_the_first_screen_of_every_card_has_the_seven_things(samples: Callable[[str], Workspace], tmp_path: Path) -> None:
    """Pictures of them go to the folder that TRACEWRIGHT_PICTURES names, to be looked at."""
    pictures = Path(os.environ.get("TRACEWRIGHT_PICTURES") or tmp_path)
    built = {family: samples(family) for family in families.names()}  # before a browser's event loop runs
    with opened() as browser:
        for family in families.names():
            release = Path(shutil.copytree(built[family].root / f"processed/{family}/release", tmp_path / family))
            for scheme in SCHEMES:
                size = {"width": card_page.WIDTH, "height": card_page.HEIGHT}
                page = browser.new_page(viewport=size, color_scheme=scheme)
                page.goto(card_page.write(release / "README.md").as_uri())
                assert _missing(page) == [], (family, scheme)
                assert page.evaluate(_CONTRAST) > _LEAST_CONTRAST
                assert page.evaluate("[...document.images].every(image => image.naturalWidth > 0)")
                page.screenshot(path=pictures / f"card-{family}-{scheme}.png")
                page.goto(card_page.write(release / "DETAILS.md").as_uri())
                page.screenshot(path=pictures / f"details-{family}-{scheme}.png", full_page=True)
                page.close()


def _missing(page: Any) -> list[str]:  # noqa: ANN401
    """Return what is not on the first screen whole."""
    boxes = {thing: page.locator(where).first.bounding_box() for thing, where in THINGS.items() if page.locator(where).count()}
    return [thing for thing in THINGS if thing not in boxes or boxes[thing]["y"] + boxes[thing]["height"] > card_page.HEIGHT]
