"""Argilla's REST API (version 2.8): the few requests that a round needs.

The server is the one that ARGILLA_API_URL and ARGILLA_API_KEY name, else the one that `make argilla` started here.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any, Self

import httpx2
import orjson

from builders.errors import BuildError
from builders.reviewing.server import launching

_TIMEOUT_SECONDS = 120
_PAGE = 500

Json = dict[str, Any]


class Client:
    """A connection to a server, as the user whose key it has."""

    def __init__(self, url: str, api_key: str) -> None:
        """Connect to nobody yet."""
        self.url = url.rstrip("/")
        headers = {"X-Argilla-Api-Key": api_key, "Content-Type": "application/json"}
        self._http = httpx2.Client(base_url=f"{self.url}/api/v1", headers=headers, timeout=_TIMEOUT_SECONDS)

    @classmethod
    @contextmanager
    def connected(cls) -> Iterator[Self]:
        """Give a connection to the chosen server.

        Raises:
            BuildError: none is chosen, it does not answer, or it does not accept the key.
        """
        client = cls(*_address_and_key())
        with client._http:
            client.get("me")
            yield client

    def get(self, path: str, **query: str | int) -> Any:  # noqa: ANN401  (JSON)
        """Return what a GET request answers."""
        return self._sent("GET", path, None, query)

    def post(self, path: str, body: Json) -> Any:  # noqa: ANN401  (JSON)
        """Return what a POST request answers."""
        return self._sent("POST", path, body, {})

    def put(self, path: str, body: Json | None = None) -> Any:  # noqa: ANN401  (JSON)
        """Return what a PUT request answers."""
        return self._sent("PUT", path, body, {})

    def records(self, dataset: str) -> Iterator[Json]:
        """Yield the records of a dataset with all responses."""
        offset = 0
        while page := self.get(f"datasets/{dataset}/records", include="responses", offset=offset, limit=_PAGE)["items"]:
            yield from page
            offset += len(page)

    def dataset(self, workspace: str, name: str) -> Json | None:
        """Return a dataset by name; None if there is none.

        Raises:
            BuildError: there is no such workspace, or the user may not see it.
        """
        found = self.get("me/datasets", workspace_id=self.workspace(workspace))["items"]
        return next((one for one in found if one["name"] == name), None)

    def workspace(self, name: str) -> str:
        """Return the id of a workspace.

        Raises:
            BuildError: there is none of that name, or the user may not see it.
        """
        found = {one["name"]: str(one["id"]) for one in self.get("me/workspaces")["items"]}
        if name not in found:
            fix = "create it in Argilla and add the reviewers who may see its rows"
            raise BuildError(f"no workspace {name}", where=self.url, fix=fix)
        return found[name]

    def _sent(self, method: str, path: str, body: Json | None, query: Mapping[str, str | int]) -> Any:  # noqa: ANN401
        try:
            response = self._http.request(method, path, content=None if body is None else orjson.dumps(body), params=query)
        except httpx2.TransportError as error:
            fix = "start it (make argilla) or set ARGILLA_API_URL; then run this again: nothing is sent twice"
            raise BuildError(f"the Argilla server does not answer ({type(error).__name__})", where=self.url, fix=fix) from None
        if not response.is_success:
            raise self._refusal(response.status_code, f"{method} {path}")
        return orjson.loads(response.content) if response.content else None

    def _refusal(self, status: int, request: str) -> BuildError:
        """Say why a request failed, without the server's words, which may quote a row."""
        if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
            fix = "set ARGILLA_API_KEY to the key of an owner, from My settings in Argilla"
            return BuildError(f"the server does not accept the key for {request}", where=self.url, fix=fix)
        fix = "read the server's log; is its Redis up?" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "is it Argilla 2.8?"
        return BuildError(f"{request} failed with HTTP status {status}", where=self.url, fix=fix)


def _address_and_key() -> tuple[str, str]:
    """Return address and key of the server that is to be used.

    Raises:
        BuildError: there is none.
    """
    if url := os.environ.get("ARGILLA_API_URL"):
        if key := os.environ.get("ARGILLA_API_KEY"):
            return url, key
        raise BuildError("no key for the server", where=url, fix="set ARGILLA_API_KEY")
    known = launching.home() / "server.json"
    if not known.is_file():
        fix = "start one with make argilla, or set ARGILLA_API_URL and ARGILLA_API_KEY"
        raise BuildError("no Argilla server is known", where=known, fix=fix)
    server = orjson.loads(known.read_bytes())
    return server["url"], server["api_key"]
