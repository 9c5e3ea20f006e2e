"""What the tests on a real Argilla server share: the server, its accounts, and a project that is reviewed."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx2
import pytest

from builders import paths
from builders.reviewing.server import launching
from builders.reviewing.server.launching import Account, Server
from tests.harness import PROJECT, Workspace

Json = dict[str, Any]
PYTHON = str(Path(os.environ.get("TRACEWRIGHT_ARGILLA") or PROJECT / ".venv-argilla" / "bin" / "python").absolute())
"""The server's own environment, which `make test-services` makes."""


class Argilla(NamedTuple):
    """A running server, and who uses it."""

    server: Server
    users: "dict[str, User]"

    @classmethod
    @contextmanager
    def of(cls, server: Server) -> "Iterator[Argilla]":
        """Give the server with its users, who leave at the end."""
        users = {account.username: User(server.url, account) for account in server.accounts}
        try:
            yield cls(server, users)
        finally:
            for user in users.values():
                user.http.close()

    @property
    def environment(self) -> dict[str, str]:
        return {"ARGILLA_API_URL": self.server.url, "ARGILLA_API_KEY": self.server.api_key}

    def user(self, name: str) -> "User":
        return self.users[name]

    @property
    def owner(self) -> "User":
        return self.user(launching.OWNER)


class User:
    """Somebody who uses the REST API as the web pages do."""

    def __init__(self, url: str, account: Account) -> None:
        self.account = account
        headers = {"X-Argilla-Api-Key": account.api_key}
        self.http = httpx2.Client(base_url=f"{url}/api/v1", headers=headers, timeout=100)

    def sent(self, method: str, path: str, body: Json | None = None, **query: str | int) -> Any:  # noqa: ANN401
        response = self.http.request(method, path, json=body, params=query)
        assert response.is_success, response.status_code
        return response.json() if response.content else None

    def dataset(self, name: str) -> str:
        return next(str(one["id"]) for one in self.sent("GET", "/me/datasets")["items"] if one["name"] == name)

    def records(self, dataset: str, **query: int) -> Json:
        """Return what the pages show as pending: records without a response of this user."""
        pending = {"type": "terms", "scope": {"entity": "response", "property": "status"}, "values": ["pending"]}
        path = f"/me/datasets/{dataset}/records/search"
        found: Json = self.sent("POST", path, {"filters": {"and": [pending]}}, include="suggestions", **query)
        return found

    def answer(self, *each: tuple[str, Json | None]) -> None:
        """Answer about records: a record's id, and question → answer; None puts it aside."""
        items = []
        for record, values in each:
            worded = {name: {"value": value} for name, value in (values or {}).items()}
            items.append({"record_id": record, "status": "discarded" if values is None else "submitted", "values": worded})
        for start in range(0, len(items), 50):
            found = self.sent("POST", "/me/responses/bulk", {"items": items[start : start + 50]})
            assert not any(item["error"] for item in found["items"])


@pytest.fixture(scope="session")
def argilla(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Argilla]:
    """A server that was started for the tests."""
    folder = tmp_path_factory.mktemp("argilla")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BUILDERS_ARGILLA_PYTHON", PYTHON)
        with launching.started(folder, launching.free_port()) as server, Argilla.of(server) as made:
            yield made


@pytest.fixture
def emptied(argilla: Argilla) -> Iterator[Argilla]:
    """The server, without datasets again when the test is over."""
    yield argilla
    owner = argilla.owner
    for dataset in owner.sent("GET", "/me/datasets")["items"]:
        owner.sent("DELETE", f"/datasets/{dataset['id']}")


@pytest.fixture
def project(samples: Callable[[str], Workspace], tmp_path: Path) -> Workspace:
    """A project in which the sample profiles of two families are built."""
    made = samples("safechain").copied(tmp_path / "project")
    made.quick(*paths.STAGES, family="mmathcot")
    return made
