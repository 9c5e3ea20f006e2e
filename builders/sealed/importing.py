"""ledger import: take in a sealed file, so that `teacher: ledger` builds its release again.

    python -m builders ledger import safechain.ledger.zst

The file is read to its end before anything is changed: its seal, every line, and whether it agrees with what is here. What
is here stays as it is, but for who answers for a role, which is whoever answered last. Stopped at any moment, the same
command goes on.

Changes no byte of a row.
"""

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from builders import atomic, locks, paths, records, terminal
from builders import family as families
from builders.errors import BuildError
from builders.ledger import shelf
from builders.ledger.ledger import GROUP_REPLIES, Ledger
from builders.params import loading
from builders.params.loading import Params
from builders.progress import tracked
from builders.records import canonical
from builders.reviewing import answering
from builders.screening import decontamination
from builders.sealed import unsealing
from builders.sealed.exporting import made_with
from builders.sealed.form import Content, Edit, Failure, Header, Part, SealedReply, SourceFile
from builders.sources.entries import HubFiles
from builders.teachers.endpoint import answerer_note, failure_note

_NOTED_AT_ONCE = 1000
_UNCHANGED = "nothing was changed"
_COLLECT = "params.collect"


@dataclass(slots=True)
class _Survey:
    """What a sealed file holds.

    Args:
        replies: how many.
        new: how many of them are not here.
        failures: requests that got no reply.
        other: requests that ended otherwise here.
        edits: better texts of reviewers.
        sources: the source files that it names.
    """

    replies: int = 0
    new: int = 0
    failures: int = 0
    other: int = 0
    edits: int = 0
    sources: list[SourceFile] = field(default_factory=list)


def run(file: Path) -> None:
    """Put replies, failures, answerers, better texts and sources of a sealed file where a build finds them.

    Raises:
        BuildError: the file is not as it was sealed, or disagrees with what is here, and nothing changes; or the disk is full.
    """
    paths.root()
    with unsealing.opened(file) as (header, contents):
        family = header.family
        if family not in families.names():
            what = f"there is no family {terminal.name(family)!r} here"
            raise BuildError(what, where=file, fix="import it into the checkout it came from")
        loaded, folder = loading.load(family), paths.raw(family, "sources")
        with locks.held(paths.lock(family, "import")):
            survey = _survey(tracked(contents(), f"read {file}", None))
            _check(survey, folder)
            _check_names(survey, header, loaded, folder)
            with Ledger.here() as ledger:
                asyncio.run(_store(tracked(contents(), f"import {file}", None), header, ledger, folder))
    print(f"ledger import {family}: {_summary(survey, header, loaded, folder)}")  # noqa: T201


def _survey(contents: Iterable[Content]) -> _Survey:
    """Read all there is, and compare it with the ledger that is here."""
    survey = _Survey()
    with Ledger.here(read_only=True) if shelf.stocked() else nullcontext() as ledger:
        for content in contents:
            if isinstance(content, SourceFile):
                survey.sources.append(content)
            survey.edits += isinstance(content, Edit)
            if not isinstance(content, SealedReply | Failure):
                continue
            known = ledger.get(content.key) if ledger else None
            if isinstance(content, SealedReply):
                survey.replies += 1
                survey.new += known is None
                survey.other += known is not None and known.reply != content.entry.reply
            else:
                evidence = ledger.fact(failure_note(content.key)) if ledger else None
                survey.failures += 1
                survey.other += known is not None or evidence not in {None, content.evidence}
    return survey


def _check(survey: _Survey, folder: Path) -> None:
    """Find out whether the release can be built again here."""
    if survey.other:
        what = (
            f"{survey.other} of the file's requests were answered otherwise here, so that the release would come out otherwise"
        )
        fix = f"{_UNCHANGED}; point BUILDERS_LEDGER to a new file and import again"
        raise BuildError(what, where=Ledger.path(), fix=fix)
    for source in survey.sources:
        file = folder / source.source
        if _present(file) and not (file.is_file() and records.file_digest(file) == source.sha256):
            what = f"it is not the source of that name that the release was built from (sha256 {source.sha256})"
            raise BuildError(what, where=file, fix=f"{_UNCHANGED}; move it away and import again")


def _check_names(survey: _Survey, header: Header, loaded: Params, folder: Path) -> None:
    """See that no file becomes a source here whose rows nobody here has asked for.

    Raises:
        BuildError: params that are not those of the sealed release name a source that would be written.
    """
    here = made_with(header.family, loaded) if loaded.project.profile == header.profile else {}
    if _COLLECT in here and here[_COLLECT] == header.made_with.get(_COLLECT):
        return
    tables = [*loaded.collect.sources, *loaded.collect.decontamination.sets]
    used = {table.file for table in tables if isinstance(table.file, str)}
    for source in survey.sources:
        if source.inside is not None and source.source in used and not _present(folder / source.source):
            what = "the sealed file would become a source of the params here, which are not those that it was sealed with"
            fix = f"{_UNCHANGED}; import it into the checkout that built it, or rename that source in params"
            raise BuildError(what, where=folder / source.source, fix=fix)


async def _store(contents: Iterator[Content], header: Header, ledger: Ledger, folder: Path) -> None:
    facts: dict[str, bytes] = {}
    done: asyncio.Future[None] | None = None
    for number, content in enumerate(contents, 1):
        if isinstance(content, SealedReply):
            done = ledger.put(content.key, content.entry, None)
        elif isinstance(content, Failure):
            facts[failure_note(content.key)] = content.evidence
        elif isinstance(content, Edit):
            facts[answering.fact(content.sha256)] = content.text.encode()
        elif isinstance(content, SourceFile) and content.inside is not None and not _present(folder / content.source):
            _write(content.inside, contents, folder / content.source)
        if done and not number % GROUP_REPLIES:
            await done
        if len(facts) >= _NOTED_AT_ONCE:
            ledger.note_all(facts)
            facts = {}
    if done:
        await done
    ledger.note_all(facts | _answerers(header))


def _answerers(header: Header) -> dict[str, bytes]:
    """Return what the ledger keeps of who answered."""
    return {
        answerer_note(header.family, header.profile, role): canonical([answerer.server, answerer.model, answerer.revision])
        for role, answerer in header.answerers.items()
    }


def _write(size: int, contents: Iterator[Content], target: Path) -> None:
    """Write a source file from the parts that follow."""
    with atomic.whole(target) as file:
        while size > 0 and isinstance(part := next(contents, None), Part):
            size -= file.write(part.content)


def _summary(survey: _Survey, header: Header, loaded: Params, folder: Path) -> str:
    """Say what was imported, what to do next, and what is missing."""
    texts = f" and {survey.edits} better texts" if survey.edits else ""
    parts = [
        f"{survey.replies} replies ({survey.new} new) and {survey.failures} failures{texts} in {Ledger.path()}",
        f"{_next(header, loaded)}; the sha256 of {paths.release(header.family) / 'SHA256SUMS'} will be {header.release}",
    ]
    if missing := [source for source in survey.sources if not _present(folder / source.source)]:
        files = ", ".join(f"{source.source} (licence {source.license}, sha256 {source.sha256})" for source in missing)
        parts.append(f"missing, to be put into {folder}: {files}")
    if loaded.project.profile == header.profile:
        if hub := _on_the_hub(header.family, loaded):
            parts.append(f"collect takes {', '.join(hub)} from the Hub, or from its cache here")
        here = made_with(header.family, loaded)
        if other := [name for name in sorted(here | header.made_with) if here.get(name) != header.made_with.get(name)]:
            parts.append(f"use the checkout that built it, for here {', '.join(other)} differ")
    return "; ".join(parts)


def _next(header: Header, loaded: Params) -> str:
    wanted = {"profile": header.profile, "teacher": "ledger"}
    choices = [f"{name}: {value}" for name, value in wanted.items() if getattr(loaded.project, name) != value]
    return (
        f"set {' and '.join(choices)} in params.yaml, then " if choices else "next "
    ) + f"run dvc repro release@{header.family}"


def _on_the_hub(family: str, loaded: Params) -> list[str]:
    tables = [*loaded.collect.sources, *decontamination.tables(family, loaded.collect.decontamination)]
    return sorted({table.file.hub for table in tables if isinstance(table.file, HubFiles)})


def _present(file: Path) -> bool:
    return file.exists() or file.is_symlink()
