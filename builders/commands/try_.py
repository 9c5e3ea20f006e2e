"""try: ask one row and show what was sent, what came, or what the server refused.

What comes is kept in the ledger like any other reply, so a build that asks the same does not pay for it again. Texts of hazard
families are shown as length and hash unless they are asked for; keys and headers are never shown.
"""

import asyncio
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import orjson
import yaml
from pydantic import ValidationError

from builders import family as families
from builders import hazards, records
from builders.asking import structured
from builders.commands import openings
from builders.errors import BuildError
from builders.ledger.ledger import Ledger
from builders.params import loading
from builders.params.loading import Params
from builders.params.roles import Role
from builders.records import canonical
from builders.teachers.api import NoReplyError, Reply, Request
from builders.teachers.server import Server, address
from builders.teachers.staff import Staff
from builders.texts import finish, think

PRESETS = Path(__file__).parent.parent / "teachers" / "presets.yaml"
_PATHS = {"chat": "chat/completions", "completions": "completions", "messages": "messages"}
_MOST_ROWS = 1000


def run(family: str, role: str | None, preset: str | None, *, show_text: bool) -> None:
    """Ask about the first row that the role is asked about, and print what was sent and what came.

    Raises:
        BuildError: there is no such role, preset or row; or the server refuses the request, having shown it.
    """
    family = families.select(family)[0]
    loaded = loading.load(family)
    stage, name, params = openings.stage_of(family, loaded, role)
    if preset:
        params = preset_for(params, preset)
        getattr(loaded, stage).roles[name] = params
    request = _request(family, loaded, stage, name)
    hidden = hazards.level(family) != "none" and not show_text
    _show(_sent(name, params, request, hidden=hidden))
    staff = Staff(family, loaded.project.profile, "endpoint", {name: params})
    _show(asyncio.run(_came(staff, name, request, hidden=hidden)))
    if preset:
        print(f"under {loaded.project.profile}.{stage}.roles.{name} of the family's params.yaml:")  # noqa: T201
        print(yaml.safe_dump(_lines(params), sort_keys=False).rstrip())  # noqa: T201


def _show(lines: Iterable[str]) -> None:
    for line in lines:
        print(line)  # noqa: T201


def presets() -> dict[str, dict[str, Any]]:
    """Return what providers are known to take, by name."""
    found: dict[str, dict[str, Any]] = yaml.safe_load(PRESETS.read_bytes())
    return found


def preset_for(role: Role, name: str) -> Role:
    """Return a role with what a provider takes.

    Raises:
        BuildError: nobody has written down what that provider takes, or the role's other params do not go with it.
    """
    known = presets()
    if name not in known:
        raise BuildError("no such preset", where=name, fix=f"choose one of {', '.join(known)}")
    changes = known[name]["role"]
    sampling = {**role.sampling.model_dump(), **changes.get("sampling", {})}
    try:
        return Role.model_validate({**role.model_dump(), **changes, "sampling": sampling})
    except ValidationError as error:
        what = error.errors(include_url=False, include_input=False)[0]["msg"].removeprefix("Value error, ")
        raise BuildError(what, where=name, fix="change the role in the family's params.yaml") from None


def _lines(role: Role) -> dict[str, Any]:
    """Return the params of a role that a preset may change."""
    values = role.model_dump(include={"api", "token_limit", "structured", "extra"})
    sampling = role.sampling.model_dump(exclude_none=True, exclude_defaults=True)
    return {**values, "sampling": sampling}


def _request(family: str, loaded: Params, stage: str, name: str) -> Request:
    """Return the first request to a role about the rows at hand."""
    for pool in openings.pools(family, loaded, stage):
        for _, record in zip(range(_MOST_ROWS), pool.records(), strict=False):
            for request in pool.requests(record):
                if request.role == name:
                    return request
    before = "collect" if stage == "synthesize" else "synthesize"
    fix = f"run python -m builders {before} {family} first"
    raise BuildError(f"there is no row to ask {name} about", where=family, fix=fix)


def _sent(name: str, role: Role, request: Request, *, hidden: bool) -> Iterator[str]:
    server, *others = Server.all_of(name, role.api)
    yield f"asked about {request.row}, sample {request.index}"
    yield f"sent to {address(server.url)}/{_PATHS[role.api]}{' with its query' if server.query else ''}"
    for other in others:
        yield f"  or to {address(other.url)}/{_PATHS[role.api]}"
    yield f"  headers: {', '.join(server.sent)} (values are not shown)"
    for key, value in request.body.items():
        yield f"  {key}: {_shown(key, value, hidden=hidden)}"


def _shown(key: str, value: Any, *, hidden: bool) -> str:  # noqa: ANN401  (any JSON)
    if hidden and key in {"messages", "prompt", "system"}:
        return f"{len(canonical(value))} bytes, sha256 {records.digest(value)[:16]}…"
    return orjson.dumps(value).decode()


async def _came(staff: Staff, name: str, request: Request, *, hidden: bool) -> list[str]:
    """Return what came of a request.

    Raises:
        BuildError: the server refuses it.
    """
    async with staff:
        try:
            reply = await staff.teacher(name).ask(request)
        except NoReplyError as error:
            what = f"the request was refused: {orjson.dumps(error.evidence).decode()}"
            fix = f"change the role, or try --preset with one of {', '.join(presets())}"
            raise BuildError(what, where=name, fix=fix) from None
        found = bool(staff.tallies[name].found)
    with Ledger.here(read_only=True) as opened:
        entry = opened.get(reply.key)
    message = orjson.loads(entry.reply) if entry else {}
    return list(_report(reply, message, request, from_ledger=found, hidden=hidden))


def _report(reply: Reply, message: dict[str, Any], request: Request, *, from_ledger: bool, hidden: bool) -> Iterator[str]:
    prompt, completion = message.get("tokens", (0, 0))
    counted = ", counted by their length" if message.get("counted") else ""
    where = " (from the ledger, where an earlier run put it)" if from_ledger else ""
    yield f"came{where}: {prompt} prompt and {completion} completion tokens{counted}"
    fault = finish.fault(reply.finish_reason)
    yield f"  finish reason: {reply.finish_reason}" + (f", for which the row is rejected as {fault}" if fault else "")
    parts = think.split(reply.text)
    pieces = {"reasoning": parts.reasoning, "answer": parts.answer} if parts.well_formed else {"text": reply.text}
    for piece, text in pieces.items():
        yield f"  {piece}: {f'{len(text)} characters, sha256 {records.text_digest(text)[:16]}…' if hidden else text}"
    if request.schema is not None:
        _, fault_found = structured.parsed(reply.text, canonical(request.schema))
        yield f"  the schema: {'it fits' if fault_found is None else f'it does not fit, {fault_found.rule}'}"
