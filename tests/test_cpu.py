"""The budgets of tests: what counts, and whose account it goes on."""

import subprocess
import sys

import pytest

from tests import cpu

BUSY = "import time\nwhile time.process_time() < 0.3: pass"


def test_too_much_fails_with_a_line_that_says_what_and_how_much() -> None:
    with (
        pytest.raises(pytest.fail.Exception, match="a loop took 0 s of CPU, its children's included; at most 0"),
        cpu.measured("a loop", 0),
    ):
        sum(range(100_000))


def test_processes_that_were_waited_for_count() -> None:
    with pytest.raises(pytest.fail.Exception, match="a child"), cpu.measured("a child", 0.25):
        subprocess.run([sys.executable, "-c", BUSY], check=True)


def test_what_was_measured_by_itself_is_charged_once() -> None:
    with cpu.measured("around it", 0.25), cpu.measured("within"):
        subprocess.run([sys.executable, "-c", BUSY], check=True)


def test_every_test_and_every_fixture_is_measured(request: pytest.FixtureRequest) -> None:
    hooks = ("pytest_fixture_setup", "pytest_runtest_call", "pytest_runtest_teardown")
    plugins = request.config.pluginmanager
    assert all(
        plugins.get_plugin("tests.cpu") in [one.plugin for one in getattr(plugins.hook, hook).get_hookimpls()] for hook in hooks
    )
    assert float(request.config.getini("timeout")) == 900
