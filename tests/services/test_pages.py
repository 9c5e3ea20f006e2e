"""A reviewer at work in a real browser: log in, look at a row with a figure and at twins, decide by clicking."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.harness import Workspace
from tests.services.conftest import Argilla

pytestmark = [pytest.mark.argilla, pytest.mark.browser, pytest.mark.timeout(1800)]

PATIENCE = 60_000
WIDTH, HEIGHT = 1400, 900
HAZARDS = ".custom_field_component iframe, .chat__bubble, .content__text"
"""What shows texts of rows, of answers and of edits, in Argilla 2.8."""


@contextmanager
def opened() -> Iterator[Any]:
    """Give a page of a browser that cannot reach the network beyond this machine."""
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium")
    assert chromium, "install Debian's chromium"
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-dev-shm-usage"]
        browser = playwright.chromium.launch(executable_path=chromium, args=arguments)
        made = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        made.route(lambda url: "127.0.0.1" not in url, lambda route: route.abort())
        made.set_default_timeout(PATIENCE)
        yield made
        browser.close()


def test_a_reviewer_looks_and_decides(project: Workspace, emptied: Argilla, tmp_path: Path) -> None:
    pictures = Path(os.environ.get("TRACEWRIGHT_PICTURES") or tmp_path)
    project.quick("collect", "synthesize", "judge", "filter", family="emergent_misalignment")
    _with_figures_alone(project)
    for name in ("mmathcot", "emergent_misalignment/medical", "safechain"):
        done = project.run("review-push", name, "--accept-hazard", **emptied.environment)
        assert done.returncode == 0, done.stderr
    with opened() as page:
        _log_in(page, emptied)
        _decide(page, emptied, pictures)
        _look(page, emptied, pictures)
    done = project.run("review-pull", "mmathcot", **emptied.environment)
    assert "1 decisions, 0 of" in done.stdout
    [line] = (project.root / "raw/mmathcot/reviews/round-1.jsonl").read_text().splitlines()
    assert '"decision":"accept"' in line
    assert '"answers":{"first_wrong_step":"none"}' in line


def _decide(page: Any, argilla: Argilla, pictures: Path) -> None:  # noqa: ANN401
    """Look at a maths row with its figure, and accept it by clicking."""
    _open(page, argilla, "mmathcot-round-1")
    page.wait_for_selector("img[src^='data:image/png']")
    page.get_by_text("Which step is the first wrong one?").wait_for()
    page.screenshot(path=pictures / "mmathcot.png")
    page.get_by_text("No step", exact=True).click()
    page.get_by_text("Accept", exact=True).click()
    with page.expect_response(lambda response: response.url.endswith("/responses") and response.ok):
        page.get_by_role("button", name="Submit").click()


def _look(page: Any, argilla: Argilla, pictures: Path) -> None:  # noqa: ANN401
    """Look at twins side by side, and at a dialogue."""
    _open(page, argilla, "emergent_misalignment-round-1")
    page.get_by_text("Which answer gives harmful advice?").wait_for()
    page.frame_locator("iframe").get_by_text("B", exact=True).wait_for()
    _taken(page, pictures / "emergent_misalignment.png")
    _open(page, argilla, "safechain-round-1")
    page.get_by_text("May this row be released?").wait_for()
    page.locator(".chat__bubble").first.wait_for()
    _taken(page, pictures / "safechain.png")


def _taken(page: Any, file: Path) -> None:  # noqa: ANN401
    """Take a picture in which texts of rows with hazard cannot be read."""
    page.add_style_tag(content=f"{HAZARDS} {{ filter: blur(10px) }}")
    page.screenshot(path=file)


def _with_figures_alone(project: Workspace) -> None:
    """Review rows of the engine alone, all of which have a figure."""
    with project.params("mmathcot") as params:
        collect = params["sample"]["collect"]
        collect["sources"] = [source for source in collect["sources"] if "generator" in str(source["file"])]
    project.quick("collect", "synthesize", "judge", "filter", family="mmathcot")


def _log_in(page: Any, argilla: Argilla) -> None:  # noqa: ANN401
    account = argilla.user("annotator-1").account
    page.goto(f"{argilla.server.url}/sign-in")
    page.wait_for_selector("input[type='password']")
    page.locator("input").first.fill(account.username)
    page.locator("input[type='password']").fill(account.password)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "sign-in" not in url)


def _open(page: Any, argilla: Argilla, dataset: str) -> None:  # noqa: ANN401
    identity = argilla.user("annotator-1").dataset(dataset)
    page.goto(f"{argilla.server.url}/dataset/{identity}/annotation-mode")
