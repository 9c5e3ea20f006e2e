"""Tell a row's whole life: seed, source, every request and reply, verdicts, and what each stage decided.

Texts of hazard families are shown as length and hash unless they are asked for.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import orjson
from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from builders import families, params, paths, records, teachers
from builders.errors import BuildError
from builders.ledger import Ledger
from builders.records import Record, Rejection
from builders.stages import review
from builders.teachers import Identity

_OWN_WORDS = frozenset(
    {
        "id",
        "label",
        "sha256",
        "key",
        "request",
        "verdict",
        "categories",
        "finish_reason",
        "canary",
        "verdict_key",
        "role",
        "error",
    }
)


_ROLES = {"synthesize": "teacher", "judge": "judge"}


_WIDTH = 1_000_000
"""Of a line: hashes are there to be copied, the terminal may wrap them."""


class Station(NamedTuple):
    """What one stage made of the row."""

    stage: str
    record: Record
    rejection: Rejection | None


def run(identity: str, *, show_text: bool) -> None:
    """Print the row's life.

    Raises:
        BuildError: no stage has seen such a row.
    """
    family = families.select(identity.partition(":")[0])[0]
    stations = list(life(family, identity))
    if not stations:
        fix = "check the id, or run the stages first"
        raise BuildError("no stage has seen this row", where=identity, fix=fix)
    hidden = families.module(family).HAZARD != "none" and not show_text
    Console(highlight=False, soft_wrap=True, width=_WIDTH).print(told(family, identity, stations, hidden=hidden))


def life(family: str, identity: str) -> Iterator[Station]:
    """Yield what each stage made of the row, in order; rows that share an id follow each other."""
    needle = b'"%b"' % identity.encode(errors="surrogateescape")
    for stage in paths.STAGES[:-1]:
        for pool in families.pools(family):
            for path in (paths.rows(family, stage, pool), paths.rejected(family, stage, pool)):
                if not path.is_file():
                    continue
                with path.open("rb") as lines:
                    for line in lines:
                        if needle not in line:
                            continue
                        record, rejection = records.decode(line)
                        if record.id == identity:
                            yield Station(stage, record, rejection)


def told(family: str, identity: str, stations: list[Station], *, hidden: bool) -> Tree:
    """Return the life as a tree for the terminal."""
    tree = Tree(Text(identity, style="bold"))
    shown: dict[str, Any] = {}
    for station in stations:
        fate = f"rejected: {station.rejection.reason}" if station.rejection else f"kept for {station.record.subset}"
        branch = tree.add(Text(f"{station.stage}: {fate}", style="red" if station.rejection else "green"))
        if station.rejection:
            _add(branch, "evidence", station.rejection.evidence, hidden=False)
        if station.stage == "collect":
            shown = {}
        ours = {**station.record.provenance, "provenance": None}
        for name, value in {**station.record.provenance, **station.record.data}.items():
            if shown.get(name) == value:
                continue
            shown[name] = value
            if hidden and name not in ours and station.rejection and station.stage == "collect":
                branch.add(Text(_measured(name, value)))  # nobody has checked yet what it is
            else:
                _add(branch, name, value, hidden=hidden and name not in ours)
        if _ROLES.get(station.stage) in station.record.provenance and not station.rejection:
            _add_requests(branch, family, station, hidden=hidden)
        if station.stage == "filter" and not station.rejection:
            branch.add(Text(f"content for review: sha256 {review.content(station.record)}"))
    last = stations[-1]
    if last.stage == "validate" and not last.rejection:
        tree.add(Text(f"release: in {paths.release(family) / last.record.subset}", style="green"))
    return tree


def _add_requests(branch: Tree, family: str, station: Station, *, hidden: bool) -> None:
    """Show what was asked: from the ledger if it is there, else rendered from the present templates and params."""
    chosen = getattr(params.load(family), station.stage)
    role = _ROLES[station.stage]
    requests = families.module(family, station.stage).requests(station.record, chosen)
    answered_by = {**station.record.provenance[role]}
    answered_by.pop("prompts_sha256")
    for request, reply in zip(requests, station.record.data["replies"], strict=False):
        key = reply["key" if station.stage == "synthesize" else "verdict_key"]
        if body := _from_ledger(key):
            _add(branch, f"request {request.index}", body, hidden=hidden)
        elif key == teachers.key(Identity(**answered_by), chosen.roles[role].api, request):
            _add(branch, f"request {request.index}", request.body, hidden=hidden)
        else:
            branch.add(Text(f"request {request.index}: params or templates have changed since, and the ledger lacks it"))


def _from_ledger(key: str | None) -> dict[str, Any] | None:
    path = Ledger.path()
    if key is None or not path.is_file():
        return None
    with Ledger(path) as ledger:
        entry = ledger.get(key)
    return dict(orjson.loads(entry.request)["body"]) if entry else None


def _add(branch: Tree, name: str, value: Any, *, hidden: bool) -> None:  # noqa: ANN401  (any JSON value)
    if isinstance(value, dict) and value:
        inner = branch.add(Text(name))
        for key, item in value.items():
            _add(inner, str(key), item, hidden=hidden and key not in _OWN_WORDS)
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for index, item in enumerate(value):
            _add(branch, f"{name}[{index}]", item, hidden=hidden)
    elif isinstance(value, str | list) and value and hidden and name not in _OWN_WORDS:
        branch.add(Text(_measured(name, value)))
    else:
        branch.add(Text(f"{name}: {value if isinstance(value, str) else orjson.dumps(value).decode()}"))


def _measured(name: str, value: object) -> str:
    if isinstance(value, str):
        return f"{name}: {len(value)} characters, sha256 {records.text_digest(value)[:16]}…"
    return f"{name}: {type(value).__name__}, {len(records.canonical(value))} bytes, sha256 {records.digest(value)[:16]}…"
