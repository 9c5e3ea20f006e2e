"""A Hugging Face Hub on the loopback: as much of its HTTP interface as reading and publishing a dataset take.

    with serving() as hub:
        hub.add("someone/prompts", {"train.tsv": b"..."}, gated=True)
        hub.accounts["hf_reader"] = {"someone/prompts"}     # the token, and the gated datasets whose terms it accepted
        ...                                                 # hub.environment(token="hf_reader") for a subprocess

        hub.writers["hf_writer"] = "someone"                # the token, and the namespace that it may write to
        hub.troubles = [Trouble("commit", 500)]             # what goes wrong with the next commit; see hub_writing

As there, everyone may see what a gated dataset is, but only accounts that accepted its terms get its files; large files lie
on another host. What was asked, and how many bytes of files were sent, is counted.
"""

import asyncio
import hashlib
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from aiohttp import web

from tests.doubles import hub_writing, loops, xet
from tests.doubles.hub_writing import Trouble, blob_id, entry, is_large, refuse

CHUNK_BYTES = 2**16
LARGE_BYTES = 2**20
REFUSED = "Invalid credentials in Authorization header"


class Received(NamedTuple):
    """A request as it came in, and the status it was answered with.

    Args:
        method: such as HEAD.
        path: without the query.
        token: the bearer token; None without one.
        status: of the answer.
    """

    method: str
    path: str
    token: str | None
    status: int


@dataclass
class Repository:
    """A dataset: its files at each commit.

    Args:
        name: `<namespace>/<name>`.
        gated: whether its files are for accounts that accepted its terms: `auto` or `manual`, if they are.
        private: whether only those who may write to it see it.
        commits: commit → path → content.
        head: the commit that `main` stands for.
        tags: tag → commit.
    """

    name: str
    gated: str | bool
    private: bool = False
    commits: dict[str, dict[str, bytes]] = field(default_factory=dict)
    head: str = ""
    tags: dict[str, str] = field(default_factory=dict)

    def commit(self, files: Mapping[str, bytes], name: str | None = None) -> str:
        """Add a commit with these files, under a name of its own if none is given, and return the name."""
        described = repr((self.head, sorted((path, _sha256(content)) for path, content in files.items())))
        self.head = name or hashlib.sha1(described.encode(), usedforsecurity=False).hexdigest()
        self.commits[self.head] = dict(files)
        return self.head


class Hub:
    """A running Hub: where it is, what it holds, and what it was asked."""

    def __init__(self) -> None:
        self.url = ""
        self.repositories: dict[str, Repository] = {}
        self.accounts: dict[str, set[str]] = {}
        self.writers: dict[str, str] = {}
        self.uploads: list[str] = []
        """The sha256 of each large file that was sent here, each time that it was."""
        self.troubles: list[Trouble] = []
        self.stubborn = False
        """Whether changed settings are acknowledged and not kept."""
        self.refusing = ""
        """What is wrong with every card, if anything."""
        self.forging = b""
        """What large files become in a commit, if anything."""
        self.held = threading.Event()
        """Set while a request waits, because a trouble holds it, for `release`."""
        self.asked: list[Received] = []
        self.sent_bytes = 0
        self.broken: int | None = None
        """The status to answer everything with, if any."""
        self.cut_off: list[int] = []
        """After how many bytes the next bodies of files break off, one entry a body."""
        self.blobs: dict[str, bytes] = {}
        self.xet = xet.Storage()
        self._loop = loops.Loop()
        self._released = asyncio.Event()
        self._given_up = False
        self._stopped = asyncio.Event()

    def add(self, name: str, files: Mapping[str, bytes], *, gated: bool = False, commit: str | None = None) -> str:
        """Put files into a dataset, made if there is none, and return the commit."""
        repository = self.repositories.setdefault(name, Repository(name, "auto" if gated else False))
        return repository.commit(files, commit)

    def environment(self, token: str = "", **changes: str) -> dict[str, str]:
        """Return the variables that make huggingface_hub ask this Hub, with this token or none."""
        return {
            "HF_ENDPOINT": self.url,
            "HF_TOKEN": token,
            "HF_HUB_OFFLINE": "0",
            "HF_HUB_DISABLE_XET": "1",
            "HF_HUB_DISABLE_TELEMETRY": "1",
            **changes,
        }

    def downloads(self) -> list[str]:
        """Return the paths of the files that were sent, as a whole or in part."""
        return [asked.path for asked in self.asked if asked.method == "GET" and "/resolve/" in asked.path]

    # What it answers.

    async def info(self, request: web.Request) -> web.Response:
        repository, commit = self.revision(request)
        files = repository.commits[commit]
        return web.json_response(
            {
                "_id": repository.name,
                "id": repository.name,
                "author": repository.name.partition("/")[0],
                "sha": commit,
                "private": repository.private,
                "gated": repository.gated,
                "disabled": False,
                "tags": [],
                "downloads": 0,
                "likes": 0,
                "siblings": [{"rfilename": path, "size": len(content)} for path, content in sorted(files.items())],
            }
        )

    async def tree(self, request: web.Request) -> web.Response:
        repository, commit = self.revision(request)
        folder = request.match_info.get("path", "")
        prefix = f"{folder}/" if folder else ""
        recursive = request.query.get("recursive", "").lower() in {"true", "1"}
        entries: dict[str, dict[str, Any]] = {}
        for path, content in sorted(repository.commits[commit].items()):
            if not path.startswith(prefix):
                continue
            *folders, _ = path.removeprefix(prefix).split("/")
            for depth in range(1, len(folders) + 1) if recursive else range(1, min(len(folders), 1) + 1):
                name = prefix + "/".join(folders[:depth])
                entries[name] = {"type": "directory", "path": name, "oid": blob_id(name.encode()), "size": 0}
            if recursive or not folders:
                entries[path] = entry(path, content)
        if folder and not entries:
            refuse(404, "EntryNotFound", "no such folder", commit)
        return web.json_response(list(entries.values()))

    async def resolve(self, request: web.Request) -> web.StreamResponse:
        repository, commit = self.revision(request)
        if repository.gated and repository.name not in self._accepted(request) and not self._owns(request, repository):
            if _token(request) is None:
                refuse(401, "GatedRepo", "log in to see it")
            refuse(403, "GatedRepo", "accept the terms to see it")
        path = request.match_info["path"]
        content = repository.commits[commit].get(path)
        if content is None:
            refuse(404, "EntryNotFound", "no such file", commit)
        headers = {"X-Repo-Commit": commit, "Accept-Ranges": "bytes"}
        if len(content) < LARGE_BYTES and not is_large(path, content):
            return await self._body(request, content, {**headers, "ETag": f'"{blob_id(content)}"'})
        name = _sha256(content)
        self.blobs[name] = content
        linked = {"X-Linked-Size": str(len(content)), "X-Linked-Etag": f'"{name}"', "ETag": f'"{blob_id(content)}"'}
        if stored := self.xet.names.get(name):
            route = f"{self.url}/api/datasets/{repository.name}/xet-read-token/{commit}"
            linked |= {"X-Xet-Hash": stored, "X-Xet-Refresh-Route": route}
        elsewhere = self.url.replace("127.0.0.1", "localhost")
        return web.Response(status=302, headers={**headers, **linked, "Location": f"{elsewhere}/blobs/{name}"})

    async def blob(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        return await self._body(request, self.blobs[name], {"ETag": f'"{name}"', "Accept-Ranges": "bytes"})

    async def _body(self, request: web.Request, content: bytes, headers: dict[str, str]) -> web.StreamResponse:
        """Send a file or the part of it that is asked for, piece by piece, and count the bytes that went."""
        total = len(content)
        start, stop = 0, total
        if found := re.fullmatch(r"bytes=(\d+)-(\d*)", request.headers.get("Range", "")):
            start, stop = int(found[1]), min(int(found[2]) + 1, total) if found[2] else total
            headers = {**headers, "Content-Range": f"bytes {start}-{stop - 1}/{total}"}
        status = 206 if found else 200
        response = web.StreamResponse(status=status, headers={**headers, "Content-Length": str(stop - start)})
        await response.prepare(request)
        if request.method == "HEAD":
            return response
        cut = self.cut_off.pop(0) if self.cut_off else None
        for at in range(start, stop, CHUNK_BYTES):
            if cut is not None and at - start >= cut:
                assert request.transport
                request.transport.close()
                break
            piece = content[at : min(at + CHUNK_BYTES, stop)]
            await response.write(piece)
            self.sent_bytes += len(piece)
        return response

    # Who may see what.

    def revision(self, request: web.Request) -> tuple[Repository, str]:
        """Return the dataset and the commit that a request is about."""
        self._accepted(request)
        name = f"{request.match_info['namespace']}/{request.match_info['name']}"
        repository = self.repositories.get(name)
        if repository is None:
            refuse(404 if _token(request) else 401, "RepoNotFound", "no such repository")
        if repository.private and not self._owns(request, repository):
            refuse(404 if _token(request) else 401, "RepoNotFound", "no such repository")
        revision = request.match_info.get("revision", "main").removeprefix("refs/heads/").removeprefix("refs/tags/")
        commit = repository.head if revision == "main" else repository.tags.get(revision, revision)
        if commit not in repository.commits:
            refuse(404, "RevisionNotFound", "no such revision")
        return repository, commit

    def _accepted(self, request: web.Request) -> set[str]:
        """Return the gated datasets that the request's account may read."""
        token = _token(request)
        if token is not None and token not in self.accounts and token not in self.writers:
            refuse(401, None, REFUSED)
        return self.accounts.get(token, set()) if token else set()

    def owned(self, request: web.Request, namespace: str) -> None:
        """See that the request's account may write to a namespace."""
        self._accepted(request)
        if self.writers.get(_token(request) or "") != namespace:
            refuse(403 if _token(request) else 401, None, "you may not write here")

    def _owns(self, request: web.Request, repository: Repository) -> bool:
        return self.writers.get(_token(request) or "") == repository.name.partition("/")[0]

    # Its life.

    def run(self, ready: threading.Event) -> None:
        loops.run(self._loop, self._run(ready))

    async def wait(self) -> bool:
        """Let a request wait until it is released, and tell whether it is to be carried out then."""
        self._released.clear()
        self.held.set()
        await self._released.wait()
        return not self._given_up

    def release(self, *, given_up: bool = False) -> None:
        """Let the request that waits go on, or be forgotten, as one whose connection broke before it had arrived."""
        self.held.clear()
        self._given_up = given_up
        self._loop.call_soon_threadsafe(self._released.set)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stopped.set)

    async def _run(self, ready: threading.Event) -> None:
        app = web.Application(middlewares=[self._noted, hub_writing.troubled(self)], client_max_size=2**30)
        app.add_routes(hub_writing.routes(self))
        app.add_routes(xet.routes(self))
        dataset = "{namespace}/{name}"
        app.add_routes(
            [
                web.get(f"/api/datasets/{dataset}", self.info),
                web.get(f"/api/datasets/{dataset}/revision/{{revision}}", self.info),
                web.get(f"/api/datasets/{dataset}/tree/{{revision}}", self.tree),
                web.get(f"/api/datasets/{dataset}/tree/{{revision}}/{{path:.+}}", self.tree),
                web.get(f"/datasets/{dataset}/resolve/{{revision}}/{{path:.+}}", self.resolve),
                web.get("/blobs/{name}", self.blob),
            ]
        )
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        ready.set()
        await self._stopped.wait()
        await runner.cleanup()

    @web.middleware
    async def _noted(self, request: web.Request, handler: Any) -> web.StreamResponse:  # noqa: ANN401  (aiohttp's own type is private)
        """Note the request and its status, or answer as a broken server does."""
        status = self.broken
        try:
            if status:
                return web.Response(status=status)
            response: web.StreamResponse = await handler(request)
            status = response.status
        except web.HTTPException as refused:
            status = refused.status
            raise
        finally:
            self.asked.append(Received(request.method, request.path, _token(request), status or 500))
        return response


@contextmanager
def serving() -> Iterator[Hub]:
    """Run a Hub in a thread of this process for the length of the block."""
    hub = Hub()
    ready = threading.Event()
    thread = threading.Thread(target=hub.run, args=(ready,), daemon=True)
    thread.start()
    assert ready.wait(600)
    try:
        yield hub
    finally:
        hub.stop()
        thread.join(20)


def _token(request: web.Request) -> str | None:
    return request.headers.get("Authorization", "").removeprefix("Bearer ") or None


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
