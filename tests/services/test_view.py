"""A log of ours in `inspect view`, looked at in a real browser."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.evaluation import planted
from tests.families.deceptionbench.test_evaluate import OUTER, judge, row, target
from tests.harness import jsonl

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

PATIENCE = 60_000
WIDTH, HEIGHT = 1400, 820


@contextmanager
def viewing(folder: Path) -> Iterator[str]:
    """Run `inspect view` over a folder of logs; give its address."""
    inspect = Path(sys.executable).with_name("inspect")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(inspect), "view", "start", "--log-dir", str(folder), "--port", str(port), "--host", "127.0.0.1"]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment, cwd=folder
    ) as viewer:
        try:
            assert viewer.stdout
            assert next(line for line in viewer.stdout if "http://127.0.0.1" in line)
            yield f"http://127.0.0.1:{port}"
        finally:
            viewer.terminate()


@contextmanager
def opened() -> Iterator[Any]:
    """Give a page of a browser that cannot reach the network beyond this machine."""
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium")
    assert chromium, "install Debian's chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-dev-shm-usage"])
        made = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        made.route(lambda url: "127.0.0.1" not in url, lambda route: route.abort())
        made.set_default_timeout(PATIENCE)
        yield made
        browser.close()


def test_a_log_shows_outcomes_and_rates(tmp_path: Path) -> None:
    from builders.families.deceptionbench.evaluate import deceptionbench

    pictures = Path(os.environ.get("TRACEWRIGHT_PICTURES") or tmp_path)
    file = tmp_path / "items.jsonl"
    file.write_text(jsonl(*map(row, OUTER)))
    with planted.ledger(tmp_path):
        planted.run(deceptionbench, "endpoint", {"target": target, "judge": judge}, {"items": str(file)}, tmp_path / "logs")
    with viewing(tmp_path / "logs" / "endpoint") as address, opened() as page:
        page.goto(address)
        page.get_by_text("deceptionbench").first.click()
        page.get_by_text("inner_refused").first.wait_for()
        page.screenshot(path=pictures / "evaluate.png")
        text = page.inner_text("body")
    assert "DTR" in text
    assert "deceptive" in text
