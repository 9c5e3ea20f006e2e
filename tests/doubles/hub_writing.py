"""The writing half of the Hub on the loopback: repositories, settings, large files, commits, tags; and what goes wrong.

A `Trouble` is met by the next request of its phase. A phase is what the last part of a request's path says: `create`,
`settings`, `preupload`, `batch` and `put` (large files), `commit`, `tag`, `refs`, `tree`, `resolve`; of Xet `token`, `xorb`,
`shard`, `parts` and `part`.
"""

import base64
import hashlib
import json
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, NoReturn

import yaml
from aiohttp import web

if TYPE_CHECKING:
    from tests.doubles.hub import Hub, Repository

LARGE = (".parquet", ".png")
"""What the Hub keeps as large files, however small, beside the large ones."""
LARGE_BYTES = 10 * 2**20
PHASES = {
    "/api/repos/create": "create",
    "/settings": "settings",
    "/preupload/": "preupload",
    "/info/lfs/": "batch",
    "/lfs/": "put",
    "/commit/": "commit",
    "/tag/": "tag",
    "/refs": "refs",
    "/tree/": "tree",
    "/resolve/": "resolve",
    "/xet-": "token",
    "/v1/xorbs/": "xorb",
    "/v1/shards": "shard",
    "/v1/reconstructions/": "parts",
    "/xorbs/": "part",
}

_LICENCES = (
    "apache-2.0 mit openrail bigscience-openrail-m creativeml-openrail-m bigscience-bloom-rail-1.0 bigcode-openrail-m afl-3.0 "
    "artistic-2.0 bsl-1.0 bsd bsd-2-clause bsd-3-clause bsd-3-clause-clear c-uda cc cc0-1.0 cc-by-2.0 cc-by-2.5 cc-by-3.0 "
    "cc-by-4.0 cc-by-sa-3.0 cc-by-sa-4.0 cc-by-nc-2.0 cc-by-nc-3.0 cc-by-nc-4.0 cc-by-nd-4.0 cc-by-nc-nd-3.0 cc-by-nc-nd-4.0 "
    "cc-by-nc-sa-2.0 cc-by-nc-sa-3.0 cc-by-nc-sa-4.0 cdla-sharing-1.0 cdla-permissive-1.0 cdla-permissive-2.0 wtfpl ecl-2.0 "
    "epl-1.0 epl-2.0 etalab-2.0 eupl-1.1 agpl-3.0 gfdl gpl gpl-2.0 gpl-3.0 lgpl lgpl-2.1 lgpl-3.0 isc lppl-1.3c ms-pl mpl-2.0 "
    "odc-by odbl openrail++ osl-3.0 postgresql ofl-1.1 ncsa unlicense zlib pddl lgpl-lr gemma llama2 unknown other"
)
LICENCES = frozenset(_LICENCES.split())
"""What the Hub takes as `license` of a card (its documentation, page Licenses)."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Trouble(NamedTuple):
    """What goes wrong with a request.

    Args:
        phase: of the request.
        kind: a status it is answered with; `hang`: it waits for `Hub.release`; `drop`: the connection is closed.
        after: whether what it asks for is done first.
    """

    phase: str
    kind: int | Literal["hang", "drop"]
    after: bool = False


def troubled(hub: "Hub") -> Any:  # noqa: ANN401  (aiohttp's own type is private)
    """Return the middleware that lets the hub's troubles happen."""

    @web.middleware
    async def handle(request: web.Request, handler: Handler) -> web.StreamResponse:
        phase = next((name for part, name in PHASES.items() if part in request.path), "")
        trouble = next((trouble for trouble in hub.troubles if trouble.phase == phase), None)
        if trouble is None:
            return await handler(request)
        hub.troubles.remove(trouble)
        body = await request.read()
        del body  # a client that still sends would take the answer for a broken connection
        answer = await handler(request) if trouble.after else None
        if trouble.kind == "hang":
            wanted = await hub.wait()
            return answer or (await handler(request) if wanted else web.Response(status=408))
        if trouble.kind == "drop":
            assert request.transport
            request.transport.close()
            return web.Response()
        return web.Response(status=trouble.kind, headers={"Retry-After": "0"})

    return handle


def routes(hub: "Hub") -> list[web.RouteDef]:
    """Return what the hub answers besides reading."""
    api, dataset = "/api/datasets/{namespace}/{name}", "/datasets/{namespace}/{name}"

    def bound(handler: Callable[["Hub", web.Request], Awaitable[web.Response]]) -> Handler:
        async def bare(request: web.Request) -> web.StreamResponse:
            return await handler(hub, request)

        return bare

    return [
        web.post("/api/repos/create", bound(_create)),
        web.post("/api/validate-yaml", bound(_validate)),
        web.put(f"{api}/settings", bound(_settings)),
        web.get(f"{api}/refs", bound(_refs)),
        web.post(f"{api}/paths-info/{{revision:.+}}", bound(_paths_info)),
        web.post(f"{api}/preupload/{{revision:.+}}", bound(_preupload)),
        web.post(f"{api}/commit/{{revision:.+}}", bound(_commit)),
        web.post(f"{api}/tag/{{revision:.+}}", bound(_tag)),
        web.post(f"{dataset}.git/info/lfs/objects/batch", bound(_batch)),
        web.put("/lfs/{sha256}", bound(_put)),
    ]


def entry(path: str, content: bytes) -> dict[str, Any]:
    """Return what a listing says of a file."""
    found: dict[str, Any] = {"type": "file", "path": path, "size": len(content), "oid": blob_id(content)}
    if is_large(path, content):
        sha256 = hashlib.sha256(content).hexdigest()
        pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{sha256}\nsize {len(content)}\n".encode()
        found |= {"oid": blob_id(pointer), "lfs": {"oid": sha256, "size": len(content), "pointerSize": len(pointer)}}
    return found


def is_large(path: str, content: bytes) -> bool:
    """Tell whether the Hub keeps a file outside of git."""
    return path.endswith(LARGE) or len(content) > LARGE_BYTES


def blob_id(content: bytes) -> str:
    """Return git's name for a file's content."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def refuse(status: int, code: str | None, message: str, commit: str | None = None) -> NoReturn:
    headers = {"X-Error-Code": code, "X-Error-Message": message, "X-Repo-Commit": commit}
    kinds = {
        401: web.HTTPUnauthorized,
        403: web.HTTPForbidden,
        404: web.HTTPNotFound,
        409: web.HTTPConflict,
        412: web.HTTPPreconditionFailed,
    }
    raise kinds[status](headers={name: value for name, value in headers.items() if value})


def _written(hub: "Hub", request: web.Request) -> "Repository":
    """Return the repository that a request wants to change, and may."""
    repository, _ = hub.revision(request)
    hub.owned(request, request.match_info["namespace"])
    return repository


async def _create(hub: "Hub", request: web.Request) -> web.Response:
    from tests.doubles.hub import Repository

    wanted = await request.json()
    hub.owned(request, wanted["organization"])
    name = f"{wanted['organization']}/{wanted['name']}"
    address = {"url": f"{hub.url}/datasets/{name}"}
    if name in hub.repositories:
        return web.json_response({"error": "You already created this dataset repo", **address}, status=409)
    made = Repository(name, gated=False, private=wanted.get("visibility") == "private")
    made.commit({".gitattributes": b"*.parquet filter=lfs diff=lfs merge=lfs -text\n"})
    hub.repositories[name] = made
    return web.json_response(address)


async def _validate(hub: "Hub", request: web.Request) -> web.Response:
    """Hold a card's licence against what the Hub takes."""
    matter = yaml.safe_load((await request.json())["content"].split("---\n")[1])
    named = {"license_name", "license_link"} <= matter.keys()
    known = matter["license"] in LICENCES and (matter["license"] == "other") == named
    if wrong := hub.refusing or ("" if known else '"license" must be one of those listed'):
        error = {"message": wrong}
        return web.json_response({"error": "invalid", "errors": [error], "warnings": []}, status=400)
    return web.json_response({"errors": [], "warnings": []})


async def _settings(hub: "Hub", request: web.Request) -> web.Response:
    repository, wanted = _written(hub, request), await request.json()
    if hub.stubborn:
        return web.json_response({})
    repository.gated = wanted.get("gated", repository.gated)
    repository.private = wanted.get("visibility", "private" if repository.private else "public") == "private"
    return web.json_response({})


async def _refs(hub: "Hub", request: web.Request) -> web.Response:
    repository, _ = hub.revision(request)
    tags = [{"name": tag, "ref": f"refs/tags/{tag}", "targetCommit": commit} for tag, commit in repository.tags.items()]
    branches = [{"name": "main", "ref": "refs/heads/main", "targetCommit": repository.head}]
    return web.json_response({"branches": branches, "tags": tags, "converts": []})


async def _paths_info(hub: "Hub", request: web.Request) -> web.Response:
    repository, commit = hub.revision(request)
    files = repository.commits[commit]
    sent = await request.json() if request.content_type == "application/json" else await request.post()
    wanted = sent["paths"] if isinstance(sent, dict) else [str(path) for path in sent.getall("paths", [])]
    found = [entry(path, files[path]) for path in wanted if path in files]
    folders = [path for path in wanted if any(name.startswith(f"{path}/") for name in files)]
    found += [{"type": "directory", "path": path, "oid": blob_id(path.encode()), "size": 0} for path in folders]
    return web.json_response(found)


async def _preupload(hub: "Hub", request: web.Request) -> web.Response:
    repository, files = _written(hub, request), (await request.json())["files"]
    there = repository.commits[repository.head]
    modes = [
        {
            "path": file["path"],
            "uploadMode": "lfs" if file["path"].endswith(LARGE) or file["size"] > LARGE_BYTES else "regular",
            "shouldIgnore": False,
            "oid": entry(file["path"], there[file["path"]])["oid"] if file["path"] in there else None,
        }
        for file in files
    ]
    return web.json_response({"files": modes})


async def _batch(hub: "Hub", request: web.Request) -> web.Response:
    hub.owned(request, request.match_info["namespace"])
    objects = []
    for file in (await request.json())["objects"]:
        upload = {"actions": {"upload": {"href": f"{hub.url}/lfs/{file['oid']}", "header": {}}}}
        objects.append({**file, **({} if file["oid"] in hub.blobs else upload)})
    return web.json_response({"transfer": "basic", "objects": objects}, content_type="application/vnd.git-lfs+json")


async def _put(hub: "Hub", request: web.Request) -> web.Response:
    content, sha256 = await request.read(), request.match_info["sha256"]
    hub.uploads.append(sha256)
    if hashlib.sha256(content).hexdigest() != sha256:
        return web.Response(status=422)
    hub.blobs[sha256] = content
    return web.Response()


async def _commit(hub: "Hub", request: web.Request) -> web.Response:
    repository = _written(hub, request)
    files = dict(repository.commits[repository.head])
    for line in (await request.text()).splitlines():
        part = json.loads(line)
        value = part["value"]
        if part["key"] == "header" and value.get("parentCommit", repository.head) != repository.head:
            refuse(412, None, "a commit has happened since")
        if part["key"] == "file":
            files[value["path"]] = base64.b64decode(value["content"])
        if part["key"] == "lfsFile":
            files[value["path"]] = hub.forging or hub.blobs[value["oid"]]
        if part["key"] == "deletedFile":
            del files[value["path"]]
    commit = repository.commit(files)
    return web.json_response({"commitOid": commit, "commitUrl": f"{hub.url}/datasets/{repository.name}/commit/{commit}"})


async def _tag(hub: "Hub", request: web.Request) -> web.Response:
    repository, commit = hub.revision(request)
    hub.owned(request, request.match_info["namespace"])
    tag = (await request.json())["tag"]
    if tag in repository.tags:
        refuse(409, None, "the tag exists already")
    repository.tags[tag] = commit
    return web.json_response({})
