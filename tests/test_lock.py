"""requirements.lock: it has all extras but those of a GPU, and names no place that packages come from."""

import re
import tomllib

import pytest

from tests.harness import PROJECT

PROJECT_TABLE = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT_TABLE["optional-dependencies"]
LOCK = (PROJECT / "requirements.lock").read_text()
PINNED = set(re.findall(r"^([\w.-]+)==", LOCK, re.MULTILINE))


def named(requirement: str) -> str:
    found = re.match(r"[\w.-]+", requirement)
    assert found
    return re.sub(r"[-_.]+", "-", found[0]).lower()


@pytest.mark.parametrize("extra", ["", *sorted(set(EXTRAS) - {"torch", "vllm"})])
def test_whatever_an_extra_asks_for_is_pinned(extra: str) -> None:
    asked = EXTRAS[extra] if extra else PROJECT_TABLE["dependencies"]
    assert {named(requirement) for requirement in asked} <= PINNED


def test_what_depends_on_the_gpu_is_not() -> None:
    assert not [name for name in PINNED if name.startswith(("torch", "vllm", "nvidia"))]


def test_no_address_stands_in_it() -> None:
    assert "://" not in LOCK
