"""Tell a row's whole life: seed, source, every request and reply, verdicts, and what each stage decided.

Short by default: one line for each thing, long texts cut. What was asked is found by doing the row's work again, with replies
from where they were kept. Texts of hazard families are shown as length and hash unless they are asked for.
"""

import re
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any, NamedTuple

import orjson
from rich.console import Console
from rich.tree import Tree

from builders import family as families
from builders import hazards, paths, records, schema, shards, terminal
from builders.commands.replaying import ReplayedRequest, replayed
from builders.errors import BuildError
from builders.jobs import Job
from builders.ledger import shelf
from builders.ledger.ledger import Ledger
from builders.params import loading
from builders.records import Record, Rejection
from builders.reviewing import layout
from builders.stages import judge, synthesize
from builders.texts import think

_OURS = frozenset("role index key keys id sha256 request turn error reason".split())  # noqa: SIM905
"""Names of our own words and hashes; any other text of a hazard family is hidden, unless its schema names the words."""
_ANY = frozenset[str]()
"""Names of provenance and evidence under which any text is harmless: none, for it may be a prompt, or what a server said."""
_WORD = re.compile(r"[\w.:/@+,#-]{1,80}", re.ASCII)
"""What no sentence fits: a key, a name of a file or model, a reason."""
_HASH = re.compile(r"[0-9a-f]{64}")

_PHASES = {"synthesize": synthesize.phases, "judge": judge.phases}
_WIDTH = 1_000_000  # of a line: hashes are there to be copied, the terminal may wrap them
_SHORT = 100


class Station(NamedTuple):
    """What one stage made of the row."""

    stage: str
    pool: str
    record: Record
    rejection: Rejection | None


class Detail(NamedTuple):
    """How much is shown.

    Args:
        plain: names under which a text is never harmful; None: nothing is hidden.
        full: whether long texts and requests are shown whole.
    """

    plain: frozenset[str] | None
    full: bool


def run(identity: str, *, show_text: bool, full: bool = False) -> None:
    """Print the row's life.

    Raises:
        BuildError: no stage has seen such a row.
    """
    family = families.select(identity.partition(":")[0])[0]
    stations = list(life(family, identity))
    if not stations:
        fix = "check the id, or run the stages first"
        raise BuildError("no stage has seen this row", where=identity, fix=fix)
    hidden = hazards.level(family) != "none" and not show_text
    shown = Detail(_OURS | schema.restricted(family) if hidden else None, full)
    with Ledger.here(read_only=True) if shelf.stocked() else nullcontext() as ledger:
        tree = life_tree(family, identity, stations, ledger, shown)
    Console(file=terminal.beneath(sys.stdout), highlight=False, soft_wrap=True, width=_WIDTH).print(tree)


def life(family: str, identity: str) -> Iterator[Station]:
    """Yield what each stage made of the row, in order; rows that share an id follow each other."""
    for stage in paths.STAGES[:-1]:
        for pool, record, rejection in _naming(family, stage, identity):
            if record.id == identity:
                yield Station(stage, pool, record, rejection)


def _naming(family: str, stage: str, identity: str) -> Iterator[tuple[str, Record, Rejection | None]]:
    """Yield the rows of a stage in which an id stands."""
    needle = b'"%b"' % identity.encode(errors="surrogateescape")
    for pool in families.pools(family):
        for path in (paths.rows(family, stage, pool), paths.rejected(family, stage, pool)):
            yield from ((pool, *records.decode(line)) for line in shards.lines(path) if needle in line)


def life_tree(family: str, identity: str, stations: list[Station], ledger: Ledger | None, shown: Detail) -> Tree:
    """Return the life as a tree for the terminal; each stage shows what it added."""
    tree = Tree(terminal.text(identity, style="bold"))
    known: dict[str, Any] = {}
    seen: set[str] = set()
    for station in stations:
        if station.stage == paths.STAGES[0]:
            known = {}
        fate = f"rejected: {station.rejection.reason}" if station.rejection else f"kept for {station.record.subset}"
        branch = tree.add(terminal.text(f"{station.stage}: {fate}", style="red" if station.rejection else "green"))
        _add_station(branch, family, station, known, shown)
        if station.stage in _PHASES:
            for number, found in enumerate(_asked(family, station, stations, ledger, seen)):
                _add_request(branch, found, shown, whole=shown.full or number < 1)
    last = stations[-1]
    if last.stage == paths.STAGES[-2] and not last.rejection:
        tree.add(terminal.text(f"release: in {paths.release(family) / last.record.subset}", style="green"))
    return tree


def _add_station(branch: Tree, family: str, station: Station, earlier: dict[str, Any], shown: Detail) -> None:
    """Add what a stage found and changed."""
    record, rejection = station.record, station.rejection
    _add_kin(branch, family, station)
    ours = Detail(_ANY if shown.plain is not None else None, shown.full)
    if rejection:
        _add(branch, "evidence", rejection.evidence, ours)
    _add_news(branch, record.provenance.facts(), earlier, ours)
    if shown.plain is not None and rejection and station.stage == paths.STAGES[0]:
        for name, value in record.data.items():
            branch.add(terminal.text(_measured(name, value)))  # nobody has checked what it is, not even the label
    else:
        _add_news(branch, record.data, earlier, shown)
    if not rejection and station.stage == "filter":
        branch.add(terminal.text(f"content for review: sha256 {layout.content(record)}"))


def _add_kin(branch: Tree, family: str, station: Station) -> None:
    """Add what the row was spawned from, and what was spawned from it."""
    if station.stage != "synthesize":
        return
    if station.record.parent:
        branch.add(terminal.text(f"spawned from {station.record.parent}"))
    if station.rejection and station.rejection.reason in synthesize.SPENT:
        for _, record, _ in _naming(family, station.stage, station.record.id):
            if record.parent == station.record.id:
                branch.add(terminal.text(f"spawned {record.id}"))


def _add_news(branch: Tree, columns: dict[str, Any], earlier: dict[str, Any], shown: Detail) -> None:
    """Add the columns that no earlier stage has shown with this value."""
    for name, value in columns.items():
        if name not in earlier or earlier[name] != value:
            earlier[name] = value
            _add(branch, name, value, shown)


def _asked(
    family: str, station: Station, stations: list[Station], ledger: Ledger | None, seen: set[str]
) -> Iterator[ReplayedRequest]:
    """Yield what was asked about the row in a stage, and requests of which only the reply's key is left, each key once."""
    job = Job(family, station.stage, station.pool, loading.load(family))
    answerers = {role: who for other in stations for role, who in other.record.provenance.answerers.items()}
    found = []
    for phase in _PHASES[station.stage](job):
        if phase.inputs.is_dir():
            for record, _ in records.read(phase.inputs):
                if record.id == station.record.id:
                    found += replayed(phase, record, answerers, ledger)
    yield from found
    seen |= {one.key for one in found}
    kept = station.rejection.evidence if station.rejection else station.record.data
    for key in dict.fromkeys(_HASH.findall(orjson.dumps(kept).decode())):
        if ledger and key not in seen and (entry := ledger.get(key)):
            seen.add(key)
            about = orjson.loads(entry.about)
            yield ReplayedRequest(about.get("role", ""), about.get("index", 0), key, about["body"], None)


def _add_request(branch: Tree, request: ReplayedRequest, shown: Detail, *, whole: bool) -> None:
    """Add a request: whole, or in one line."""
    place = {"role": request.role, "index": request.sample}
    if request.reply is None:
        place["error"] = "no reply is kept under its key: it failed, or params or templates have changed since"
    if whole:
        inner = branch.add(terminal.text("request"))
        for name, value in place.items():
            inner.add(terminal.text(f"{name}: {value}"))
        for name, value in {**request.body, **_reply(request.reply)}.items():
            _add(inner, name, value, shown)
        return
    outcome = _lengths(request.reply) if request.reply is not None else place["error"]
    branch.add(terminal.text(f"request: {request.role}, index {request.sample}, key {request.key}, {outcome}"))


def _reply(text: str | None) -> dict[str, str]:
    """Return what came: a reasoning apart from the answer, though the stage may have read that alone."""
    if text is None:
        return {}
    if think.CLOSING not in text:
        return {"reply_text": text}
    parts = think.split(text)
    return {"reply_reasoning": parts.reasoning, "reply_answer": parts.answer}


def _lengths(text: str) -> str:
    thought = len(_reply(text).get("reply_reasoning", ""))
    return f"{len(text)} characters" + (f", {thought} of them reasoning" if thought else "")


def _add(branch: Tree, name: str, value: Any, shown: Detail, depth: int = 0) -> None:  # noqa: ANN401  (any JSON value)
    if isinstance(value, dict) and value and (shown.full or not depth):
        inner = branch.add(terminal.text(name))
        for key, item in value.items():
            _add(inner, str(key), item, shown, depth + 1)
    elif isinstance(value, list) and value and isinstance(value[0], dict) and shown.full:
        for index, item in enumerate(value):
            _add(branch, f"{name}[{index}]", item, shown)
    else:
        line = _line(_safe(name, value, shown))
        if not shown.full and len(line) > _SHORT:
            line = f"{line[:_SHORT]}… ({len(line):,} characters; --full shows all)"
        branch.add(terminal.text(f"{name}: {line}"))


def _safe(name: str, value: Any, shown: Detail) -> Any:  # noqa: ANN401
    """Return the value with whatever may be harmful measured in its place."""
    if shown.plain is None or name in shown.plain or not value:
        return value
    if isinstance(value, dict):
        return {key: _safe(str(key), item, shown) for key, item in value.items()}
    if isinstance(value, list):
        if isinstance(value[0], dict):
            return [_safe(name, item, shown) for item in value]
        return [_safe(name, item, shown) for item in value] if shown.plain is _ANY else _measure(value)
    if not isinstance(value, str) or _HASH.fullmatch(value) or (shown.plain is _ANY and _WORD.fullmatch(value)):
        return value
    return _measure(value)


def _line(value: object) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _measured(name: str, value: object) -> str:
    return f"{name}: {_measure(value)}"


def _measure(value: object) -> str:
    if isinstance(value, str):
        return f"{len(value)} characters, sha256 {records.text_digest(value)[:16]}…"
    return f"{type(value).__name__}, {len(records.canonical(value))} bytes, sha256 {records.digest(value)[:16]}…"
