"""ledger export: seal exactly the replies that a release used, so that anyone can build it again without asking a model.

    python -m builders ledger export safechain --accept-hazard

Which replies those are is found by doing the work of synthesize and judge again, from the ledger: candidates that were
refused, turns that fixed a reply, and requests that failed are among them. What comes of it must be what is in
`processed/`, and the release that is made of that must be the one that lies there, or nothing is sealed. Better texts of
reviewers, which of a family with hazard only the ledger has, are sealed with them.

The file holds every reply that a row got, those included that a verdict kept out of the release. That of a family with any
hazard is as harmful as the ledger itself, whatever the release shows; hence `--accept-hazard`.

Changes no byte of a row.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, aclosing, closing
from pathlib import Path

import orjson

from builders import __version__, hazards, locks, paths, records, shards
from builders import family as families
from builders.asking import asker
from builders.asking.asker import Phase
from builders.errors import BuildError
from builders.jobs import Job
from builders.ledger import shelf
from builders.ledger.ledger import Entry, Ledger
from builders.params import loading
from builders.params.loading import Params
from builders.progress import shown
from builders.provenance import Answerer as Who
from builders.releases import licences, manifest
from builders.reviewing import answering, decisions
from builders.reviewing.decisions import Withheld
from builders.screening import decontamination
from builders.sealed import sealing
from builders.sealed.form import Answerer, Header
from builders.sealed.sealing import Pen
from builders.sources import members
from builders.sources.entries import HubFiles
from builders.sources.tables import AnyTable, Source
from builders.stages import judge, release, synthesize
from builders.teachers.api import Identity, Request, Teacher
from builders.teachers.endpoint import answerer_note
from builders.teachers.replay import ReplayTeacher
from builders.teachers.staff import Staff
from builders.texts import files

ASKING = {"synthesize": synthesize, "judge": judge}

_SUFFIX = ".ledger.zst"
_REBUILD = "it was built from something else: build it again first (dvc repro), then export"

Used = Callable[[str, Entry | bytes], None]


def run(name: str, destination: Path | None, *, accept_hazard: bool) -> None:
    """Seal the replies of a family's release.

    Args:
        name: the family.
        destination: a file that is not there yet; None: `<family>.ledger.zst` in the working directory.
        accept_hazard: that harmful replies may leave the places meant for them.

    Raises:
        BuildError: there is no release, or its replies are in git; or rows and release are not those that checkout and ledger
            make now; or the file cannot be written.
    """
    family = _family(name)
    _check_built(family)
    if hazards.level(family) != "none" and not accept_hazard:
        what = "it would hold every reply, also those that no release shows, outside the folders meant for harmful text"
        raise BuildError(what, where=name, fix="add --accept-hazard if that is meant")
    target = destination or Path(f"{family}{_SUFFIX}")
    if target.exists() or target.is_symlink():
        raise BuildError("something is there already", where=target, fix="remove it, or name another file with --to")
    loaded = loading.load(family)
    with ExitStack() as stack:
        for stage in paths.STAGES:
            stack.enter_context(locks.held(paths.lock(family, stage)))
        release_sha256 = _checked_release(family, loaded)
        header = Header(
            family=family,
            profile=loaded.project.profile,
            tracewright=__version__,
            release=release_sha256,
            made_with=made_with(family, loaded),
            answerers={role: Answerer(**answerer._asdict()) for role, answerer in _answerers(family, loaded).items()},
        )
        with sealing.writing(target, header) as pen, closing(_Sealed(pen)) as replies:
            asyncio.run(_again(family, loaded, header, replies.add))
            edits = _add_edits(family, pen)
            left_out = _add_sources(family, loaded, pen)
    texts = f" and {edits} better texts" if edits else ""
    what = f"{replies.answered} replies and {replies.failed} failures{texts} in {target}"
    print(f"ledger export {family}: {what}" + (f"; not in it: {', '.join(left_out)}" if left_out else ""))  # noqa: T201


def made_with(family: str, loaded: Params) -> dict[str, str]:
    """Return the sha256 of each part of the checkout that decides about a release's bytes."""
    parts = manifest.made_with(family, loaded)
    stages = {f"{name}.{stage}": value for name in ("params", "prompts") for stage, value in parts.pop(name).items()}
    return {name: value if isinstance(value, str) else records.digest(value) for name, value in {**stages, **parts}.items()}


async def again(phase: Phase, answerers: dict[str, Identity], used: Used) -> None:
    """Do a stage's work on the rows of a phase again, and see that the rows which lie there come of it.

    Args:
        phase: see `builders.asking.Phase`.
        answerers: who answered, by role.
        used: is told the key of each request, and its entry or why it failed, in an order that only rows and code decide.

    Raises:
        BuildError: the ledger lacks a reply, or another row comes of it.
    """
    staff = _Witnesses(phase, answerers, used)
    there = {place: shards.lines(place) for place in (phase.rows, phase.rejected)}
    with shown(phase.label, phase.expected) as show:
        async with staff, aclosing(asker.again(phase, staff)) as rows:
            done = 0
            async for record, rejection in rows:
                where = phase.rows if rejection is None else phase.rejected
                if next(there[where], None) != records.encode(record, rejection):
                    raise BuildError(f"{record.id} comes out of {phase.job.stage} otherwise now", where=where, fix=_REBUILD)
                done += 1
                show(done)
    for where, left in there.items():
        if next(left, None) is not None:
            raise BuildError(f"fewer rows come out of {phase.job.stage} now", where=where, fix=_REBUILD)


class _Witness(ReplayTeacher):
    """Answers one role from the ledger and tells what was used."""

    fix = _REBUILD

    def __init__(self, staff: "_Witnesses", name: str) -> None:
        assert staff.ledger  # noqa: S101
        super().__init__(staff.family, staff.profile, name, staff.roles[name], staff.ledger)
        self._known, self._used = staff.answerers.get(name), staff.used

    def recalled(self) -> Identity:
        return self._known or super().recalled()

    def find(self, request: Request) -> tuple[str, Entry | bytes | None]:
        key, found = super().find(request)
        if found is not None:
            self._used(key, found)
        return key, found


class _Witnesses(Staff):
    """Answers from the ledger and tells what was used."""

    falls_back = False

    def __init__(self, phase: Phase, answerers: dict[str, Identity], used: Used) -> None:
        super().__init__(phase.job.family, phase.job.params.project.profile, "ledger", phase.plan.roles)
        self.answerers, self.used = answerers, used
        self._witnesses: dict[str, Teacher] = {}

    def teacher(self, role: str) -> Teacher:
        if role not in self._witnesses:
            teacher = super().teacher(role)
            self._witnesses[role] = _Witness(self, role) if isinstance(teacher, ReplayTeacher) else teacher
        return self._witnesses[role]


class _Sealed:
    """Writes what was used, each reply once; which ones it has is kept on disk, for there may be millions."""

    def __init__(self, pen: Pen) -> None:
        self._pen = pen
        self._known = sqlite3.connect("")
        self._known.execute("CREATE TABLE known (key BLOB PRIMARY KEY) WITHOUT ROWID")
        self.answered = self.failed = 0

    def add(self, key: str, entry: Entry | bytes) -> None:
        if not self._known.execute("INSERT OR IGNORE INTO known VALUES (?)", (bytes.fromhex(key),)).rowcount:
            return
        if isinstance(entry, bytes):
            self._pen.failure(key, entry)
            self.failed += 1
        else:
            self._pen.reply(key, entry)
            self.answered += 1

    def close(self) -> None:
        self._known.close()


def _family(name: str) -> str:
    paths.root()
    family, _ = families.select(name)
    if family != name:
        raise BuildError("a release is sealed as a whole", where=name, fix=f"name the family, {family}")
    return family


def _check_built(family: str) -> None:
    """Find out at once that there is nothing to seal."""
    manifest = paths.release(family) / "manifest.json"
    if not manifest.is_file():
        raise BuildError("there is no release to seal", where=manifest.parent, fix="run dvc repro")
    if files.parsed_json(manifest.read_bytes(), manifest, 1).get("recorded"):
        what = f"its replies were recorded in {paths.raw(family, 'replies')}: they are in git, there is nothing to seal"
        raise BuildError(what, where=family, fix="pass the checkout on, which builds this release as it is")


def _checked_release(family: str, loaded: Params) -> str:
    """Return the sha256 of the release's checksums, having checked that rows and checkout make this very release."""
    sums = paths.release(family) / "SHA256SUMS"
    with release.anew(family, loaded) as folder:
        there, now = (set(file.read_text(encoding="utf-8").splitlines()) for file in (sums, folder / sums.name))
    if other := sorted({line.partition("  ")[2] for line in there ^ now}):
        raise BuildError(f"the release would come out otherwise now ({', '.join(other)})", where=sums.parent, fix=_REBUILD)
    return records.file_digest(sums)


def _answerers(family: str, loaded: Params) -> dict[str, Identity]:
    """Return who answered for each role: whom the rows name, or where none does, whom the ledger saw last."""
    wanted = {role for stage in ASKING for role in getattr(loaded, stage).roles}
    found: dict[str, Identity] = {}
    for answerers in _answered(family):
        for role in wanted & answerers.keys():
            found[role] = Identity(*(getattr(answerers[role], name) for name in Identity._fields))
            wanted.remove(role)
        if not wanted:
            break
    if wanted:
        with Ledger.here(read_only=True) as ledger:
            notes = {role: answerer_note(family, loaded.project.profile, role) for role in wanted}
            found |= {role: Identity(*orjson.loads(fact)) for role in wanted if (fact := ledger.fact(notes[role]))}
    return dict(sorted(found.items()))


def _answered(family: str) -> Iterator[Mapping[str, Who]]:
    for stage in reversed(ASKING):
        for pool in families.pools(family):
            for record in records.kept(family, stage, pool):
                yield record.provenance.answerers
            for record, _ in records.rejected(family, stage, pool):
                yield record.provenance.answerers


async def _again(family: str, loaded: Params, header: Header, used: Used) -> None:
    answerers = {role: Identity(**answerer.model_dump()) for role, answerer in header.answerers.items()}
    for stage, module in ASKING.items():
        for pool in families.pools(family):
            for phase in module.phases(Job(family, stage, pool, loaded)):
                await again(phase, answerers, used)


def _add_edits(family: str, pen: Pen) -> int:
    """Write the better texts of reviewers that decisions name by hash and the ledger has; return how many."""
    decided = decisions.by_row(paths.raw(family, "reviews"))
    named = {kept for made in decided.values() for one in made for kept in one.edits.values() if isinstance(kept, Withheld)}
    if not named or not shelf.stocked():
        return 0
    with Ledger.here(read_only=True) as ledger:
        found = {kept.sha256: text for kept in named if (text := answering.text(kept, ledger)) is not None}
    for sha256 in sorted(found):
        pen.edit(sha256, found[sha256])
    return len(found)


def _add_sources(family: str, loaded: Params, pen: Pen) -> list[str]:
    """Write the source files, those of evaluation sets included; return what may not travel, or lies on the Hub.

    An evaluation set has no licence declared, unless its file is a source too.
    """
    found: dict[Path, set[str]] = {}
    tables: tuple[AnyTable, ...] = (
        *loaded.collect.sources,
        *decontamination.tables(family, loaded.collect.decontamination),
    )
    left_out = [f"{table.file.hub} (on the Hub)" for table in tables if isinstance(table.file, HubFiles)]
    for table in tables:
        if not isinstance(table.file, str):
            continue
        files = members.files(family, table, table.file)
        if members.several(table.file, files):
            left_out.append(f"{table.file} ({len(files)} files)")
        elif isinstance(table, Source):
            found.setdefault(files[0], set()).add(table.license)
        else:
            found.setdefault(files[0], {"no licence declared"})
    for file, named in found.items():
        licence, inside = " AND ".join(sorted(named)), all(licences.redistributable(name) for name in named)
        pen.source(file, licence, inside=inside)
        if not inside:
            left_out.append(f"{file.name} ({licence})")
    return left_out
