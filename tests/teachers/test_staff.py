"""Staff: how many connections there can be to each of the servers that are named."""

import resource

import pytest

from builders.params.roles import Role, Sampling
from builders.teachers.staff import Staff

ROLE = Role(model="double", server="farm", api="chat", sampling=Sampling(), repairs=0)


@pytest.mark.parametrize(
    ("addresses", "most"),
    [
        ({}, 436),
        ({"teacher": "http://a/v1,http://b/v1"}, 218),
        ({"teacher": "http://a/v1,http://b/v1", "judge": "http://c/v1,http://d/v1,http://e/v1"}, 174),
    ],
    ids=["none", "for both", "five"],
)
def test_files_that_may_be_open_are_shared_by_all_servers_that_are_named(
    addresses: dict[str, str], most: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (1000, 1000))
    for name in ("TEACHER", "JUDGE"):
        monkeypatch.delenv(f"BUILDERS_{name}_URL", raising=False)
    monkeypatch.delenv("BUILDERS_CONCURRENCY", raising=False)
    for name, urls in addresses.items():
        monkeypatch.setenv(f"BUILDERS_{name.upper()}_URL", urls)
    staff = Staff("family", "sample", "endpoint", {"teacher": ROLE, "judge": ROLE})
    assert staff._pace().most == most  # noqa: SLF001
