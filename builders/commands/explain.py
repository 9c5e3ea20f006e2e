"""Tell a row's whole life: seed, source, every request and reply, verdicts, and what each stage decided.

Texts of hazard families are shown as length and hash unless they are asked for.
"""

from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from types import ModuleType
from typing import Any, NamedTuple

import orjson
from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from builders import family as families
from builders import paths, records
from builders.asking import structured
from builders.errors import BuildError
from builders.ledger.ledger import Ledger
from builders.params import loading
from builders.params.sections import Role
from builders.records import Record, Rejection
from builders.stages import review, synthesize
from builders.teachers import api
from builders.teachers.api import Identity, Reply, Request
from builders.teachers.endpoint import reply_of
from builders.teachers.recorded import RECORDED, RecordedTeacher

_PLAIN = frozenset(
    "about canary categories error fault finish_reason id judge key keys kind label name request role sha256".split()  # noqa: SIM905
    + "template_sha256 type verdict verdict_key".split()  # noqa: SIM905
)
"""Columns whose text is ours or the source's marking; any other text of a hazard family is hidden."""

_ASKING = ("synthesize", "judge")
_WIDTH = 1_000_000  # of a line: hashes are there to be copied, the terminal may wrap them


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
    path = Ledger.path()
    with Ledger(path) if path.is_file() else nullcontext() as ledger:
        tree = told(family, identity, stations, ledger, hidden=hidden)
    Console(highlight=False, soft_wrap=True, width=_WIDTH).print(tree)


def life(family: str, identity: str) -> Iterator[Station]:
    """Yield what each stage made of the row, in order; rows that share an id follow each other."""
    for stage in paths.STAGES[:-1]:
        for record, rejection in _naming(family, stage, identity):
            if record.id == identity:
                yield Station(stage, record, rejection)


def _naming(family: str, stage: str, identity: str) -> Iterator[tuple[Record, Rejection | None]]:
    """Yield the rows of a stage in which an id stands."""
    needle = b'"%b"' % identity.encode(errors="surrogateescape")
    for pool in families.pools(family):
        for path in (paths.rows(family, stage, pool), paths.rejected(family, stage, pool)):
            if path.is_file():
                with path.open("rb") as lines:
                    yield from (records.decode(line) for line in lines if needle in line)


def told(family: str, identity: str, stations: list[Station], ledger: Ledger | None, *, hidden: bool) -> Tree:
    """Return the life as a tree for the terminal; each stage shows what it added."""
    tree = Tree(Text(identity, style="bold"))
    known: dict[str, Any] = {}
    for station in stations:
        record, rejection = station.record, station.rejection
        if station.stage == paths.STAGES[0]:
            known = {}
        fate = f"rejected: {rejection.reason}" if rejection else f"kept for {record.subset}"
        branch = tree.add(Text(f"{station.stage}: {fate}", style="red" if rejection else "green"))
        _add_kin(branch, family, station)
        if rejection:
            _add(branch, "evidence", rejection.evidence, hidden=False)
        _add_news(branch, record.provenance, known, hidden=False)
        if hidden and rejection and station.stage == paths.STAGES[0]:
            for name, value in record.data.items():
                branch.add(Text(_measured(name, value)))  # nobody has checked what it is, not even the label
        else:
            _add_news(branch, record.data, known, hidden=hidden)
        if station.stage in _ASKING and (_is_spent(station) or not rejection):
            for request in _requests(family, station, ledger):
                _add(branch, "request", request, hidden=hidden)
        if not rejection and station.stage == "filter":
            branch.add(Text(f"content for review: sha256 {review.content(record)}"))
    last = stations[-1]
    if last.stage == paths.STAGES[-2] and not last.rejection:
        tree.add(Text(f"release: in {paths.release(family) / last.record.subset}", style="green"))
    return tree


def _is_spent(station: Station) -> bool:
    return station.rejection is not None and station.rejection.reason in synthesize.SPENT


def _add_kin(branch: Tree, family: str, station: Station) -> None:
    """Add what the row was spawned from, and what was spawned from it."""
    if station.stage != _ASKING[0]:
        return
    if station.record.parent:
        branch.add(Text(f"spawned from {station.record.parent}"))
    if _is_spent(station):
        for record, _ in _naming(family, station.stage, station.record.id):
            if record.parent == station.record.id:
                branch.add(Text(f"spawned {record.id}"))


def _add_news(branch: Tree, columns: dict[str, Any], known: dict[str, Any], *, hidden: bool) -> None:
    """Add the columns that no earlier stage has shown with this value."""
    for name, value in columns.items():
        if name not in known or known[name] != value:
            known[name] = value
            _add(branch, name, value, hidden=hidden and name != "provenance")


def _requests(family: str, station: Station, ledger: Ledger | None) -> Iterator[dict[str, Any]]:
    """Yield what was asked: rendered from the present templates and params, if they still make the request of that key."""
    chosen = getattr(loading.load(family), station.stage)
    record, module = station.record, families.module(family, station.stage)
    asks = module.topics if station.rejection else module.requests
    requests = {(request.role, request.index): request for request in asks(record, chosen)}
    for role, index, key in _asked(module, station):
        if key is None or role not in record.provenance:
            continue  # nobody was asked, or nobody answered
        replied = _Replied.of(family, record.provenance[role], role, chosen.roles[role], ledger)
        request = requests.get((role, index)) or _candidate(module, record, index, chosen)
        turns = structured.turns(request, replied.role.repairs, replied) if request else ()
        place = {"role": role, "index": index}
        if found := next((turn for turn in turns if replied.key(turn) == key), None):
            yield {**place, **found.body}
            continue
        told = {**place, "error": "params or templates have changed since; its text is not kept"}
        entry = ledger.get(key) if ledger else None
        yield {**told, **(orjson.loads(entry.about)["body"] if entry else {})}


def _asked(module: ModuleType, station: Station) -> Iterator[tuple[str, int, str | None]]:
    """Yield role, index and key of each request about the row."""
    if station.stage == _ASKING[0]:
        replies = station.rejection.evidence["replies"] if station.rejection else station.record.data.get("replies", ())
        yield from ((synthesize.ROLE, reply["index"], reply["key"]) for reply in replies)
    else:
        yield from module.asked(station.record)


def _candidate(module: ModuleType, record: Record, index: int, chosen: Any) -> Request | None:  # noqa: ANN401  (the family's)
    return module.candidate(record, index, chosen) if hasattr(module, "candidate") else None


@dataclass(frozen=True)
class _Replied:
    """Finds the replies that requests got."""

    identity: Identity
    role: Role
    ledger: Ledger | None
    recorded: RecordedTeacher | None

    @classmethod
    def of(cls, family: str, answerer: dict[str, Any], name: str, role: Role, ledger: Ledger | None) -> "_Replied":
        identity = Identity(*(answerer[field] for field in Identity._fields))
        recorded = RecordedTeacher(family, name, role) if identity.server == RECORDED else None
        return cls(identity, role, ledger, recorded)

    def key(self, request: Request) -> str:
        return api.key(api.asker(self.identity, self.role), request.index, api.sent(self.identity, request))

    def __call__(self, request: Request) -> Reply | None:
        if self.recorded:
            return self.recorded.find(request)
        key = self.key(request)
        entry = self.ledger.get(key) if self.ledger else None
        return reply_of(entry, key) if entry else None


def _add(branch: Tree, name: str, value: Any, *, hidden: bool) -> None:  # noqa: ANN401  (any JSON value)
    if isinstance(value, dict) and value:
        inner = branch.add(Text(name))
        for key, item in value.items():
            _add(inner, str(key), item, hidden=hidden and key not in _PLAIN)
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for index, item in enumerate(value):
            _add(branch, f"{name}[{index}]", item, hidden=hidden)
    elif isinstance(value, str | list) and value and hidden and name not in _PLAIN:
        branch.add(Text(_measured(name, value)))
    else:
        branch.add(Text(f"{name}: {value if isinstance(value, str) else orjson.dumps(value).decode()}"))


def _measured(name: str, value: object) -> str:
    if isinstance(value, str):
        return f"{name}: {len(value)} characters, sha256 {records.text_digest(value)[:16]}…"
    return f"{name}: {type(value).__name__}, {len(records.canonical(value))} bytes, sha256 {records.digest(value)[:16]}…"
