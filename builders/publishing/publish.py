"""publish: a release to where its users find it, as a version that was read back and compared before it got its name.

    BUILDERS_DESTINATION=hf://datasets/<namespace> python -m builders publish safechain --dry-run

To a Hub: one commit on the head that was looked at, read back at that commit, then the tag `vX.Y.Z`. To a folder: a copy,
read back, then renamed. Whenever it is stopped, readers see the former version or the new one, and running it again goes on:
files that are there are not sent again, and a whole commit without a tag is verified and tagged. The repository of a family
with a hazard is private and gated before anything of it is sent; opening it is a step of its own:

    python -m builders publish safechain --open
"""

import logging
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from huggingface_hub import constants
from huggingface_hub.utils.tqdm import disable_progress_bars

from builders import family as families
from builders import hazards, locks, paths
from builders.errors import BuildError
from builders.publishing import checks, notes, patience, places, planning, verifying, versions
from builders.publishing.checks import Release
from builders.publishing.folder import Folder
from builders.publishing.notes import Entry, PublishedNote
from builders.publishing.places import Place, State
from builders.publishing.planning import Plan
from builders.publishing.repository import Repository
from builders.publishing.versions import Difference
from builders.releases.first_screen import SAMPLE_SUFFIX


class Permissions(NamedTuple):
    """What else is allowed.

    Args:
        sample: to publish a sample build, as `<family>-sample`.
        hazard: that rows of a `harmful-text` family are in a folder without a gate.
        removals: that more than a few rows disappear.
    """

    sample: bool
    hazard: bool
    removals: bool


def run(name: str, allowed: Permissions, *, dry_run: bool) -> None:
    """Publish a family's release.

    Args:
        name: the family.
        allowed: what else is allowed.
        dry_run: to say what would be done, and send nothing.

    Raises:
        BuildError: the release may not be published, the destination holds something else, or it cannot be reached.
    """
    family = _family(name)
    _set_up()
    with _scratch(family) as scratch:
        place = _place(family, scratch, allowed)
        if place.shut(dry_run=dry_run):  # before anything that may stop this
            _say(f"publish {family}: {place.address} lay open; {'it would be closed' if dry_run else 'it is closed now'}")
        release = checks.checked(family, sample=allowed.sample)
        _publish(release, place, scratch, allowed, dry_run=dry_run)


def open_to_all(name: str, *, sample: bool, dry_run: bool) -> None:
    """Make the repository of a family public, still gated where the family has a hazard.

    Args:
        name: the family.
        sample: that its sample build is meant.
        dry_run: to say what would be done, and change nothing.

    Raises:
        BuildError: there is no repository, no version in it, or no gate.
    """
    family = _family(name)
    _set_up()
    with _scratch(family) as scratch:
        place = _place(family, scratch, Permissions(sample=sample, hazard=False, removals=False))
        if not isinstance(place, Repository):
            raise BuildError("only a Hub has a gate", where=places.VARIABLE, fix="name one: hf://datasets/<namespace>")
        if place.shut(dry_run=dry_run):
            what = f"it had no gate{'' if dry_run else ', and is closed now'}"
            raise BuildError(what, where=place.address, fix="find out who opened it, and run again")
        state = place.look()
        if state.latest is None or state.unfinished:
            raise BuildError("no verified version is its head", where=place.address, fix="publish it first")
        hazards.check(family)
        _check_not_lowered(hazards.level(family), state, place, scratch)
        place.check_gate()
        if not dry_run:
            place.gate.open()
    gated = ", still gated" if hazards.level(family) != "none" else ""
    _say(
        f"publish {family}: {place.address} "
        + (f"would be public{gated}; nothing was sent" if dry_run else f"is public{gated}")
    )


def _publish(release: Release, place: Place, scratch: Path, allowed: Permissions, *, dry_run: bool) -> None:
    state = place.look()
    if state.broken:
        _say(f"publish {release.family}: {state.broken}; {'it would be replaced' if dry_run else 'it is replaced'}")
    _check_not_lowered(release.hazard, state, place, scratch)
    if state.unfinished:
        state = _settled(release, place, state, scratch, dry_run=dry_run)
    plan = planning.planned(release, place, state, scratch / "former")
    if plan.version is None:
        if not dry_run:
            place.check_gate()
        _say(f"publish {release.family}: {place.address} has this release already: nothing to do")
        return
    _check_removals(plan.difference, place, allowed)
    published = _published(release, plan)
    for line in published.changelog[0].changes:
        _say(f"publish {release.family}: {line}")
    staged = scratch / "staged"
    notes.staged(release.folder, staged, published, place.where(plan.version))
    if dry_run:
        _say(f"publish {release.family}: would become {plan.version.tag} of {place.address}; nothing was sent")
        return
    revision = place.send(staged, place.prepare(state), plan.version)
    if wrong := verifying.faults(place, revision, notes.all_sums(staged), published.contents, scratch / "cache"):
        what = f"{plan.version.tag} is not what was sent ({'; '.join(wrong)}), and got no name"
        raise BuildError(what, where=f"{place.address}@{revision}", fix="run again; if that repeats, report it as a bug")
    place.finish(revision, plan.version)
    _say(f"publish {release.family}: {plan.version.tag} of {place.address}, read back and compared")


def _settled(release: Release, place: Place, state: State, scratch: Path, *, dry_run: bool) -> State:
    """Verify and tag what a stopped publish left at the head; or, if it is broken, leave it to be replaced."""
    left = state.unfinished
    assert left  # noqa: S101
    planning.check_same_set(release, left, place)
    tag = left.version.tag
    if dry_run:
        _say(f"publish {release.family}: {left.revision} was sent as {tag} and not verified; would verify and tag it")
        return State(state.head, state.versions | {left.version}, left, None)
    place.prepare(state)
    if wrong := verifying.faults(place, left.revision, left.sums, left.published.contents, scratch / "cache"):
        _say(f"publish {release.family}: {left.revision} was sent as {tag} and is broken ({wrong[0]}); it gets no tag")
        return State(state.head, state.versions, state.latest, None)
    place.finish(left.revision, left.version)
    _say(f"publish {release.family}: {tag} of {place.address}, sent by a publish that was stopped, read back and compared")
    return place.look()


def _check_not_lowered(hazard: str, state: State, place: Place, scratch: Path) -> None:
    """See that no version that lies there is more hazardous than what is to be done there allows for."""
    for former in (state.latest, state.unfinished):
        if former:
            there = planning.hazard(former, place, scratch / "former")
            if hazards.exceeds(there, hazard):
                what = f"v{former.version} there has the hazard {there}, and the family says {hazard}"
                raise BuildError(what, where=place.address, fix="restore the higher one, or publish to another namespace")


def _check_removals(difference: Difference, place: Place, allowed: Permissions) -> None:
    for config, rows in versions.removals(difference).items():
        if not allowed.removals:
            what = f"{rows.removed} of the {rows.before} rows of {config} would disappear"
            raise BuildError(what, where=place.address, fix="look at the funnel; add --allow-removals if that is meant")


def _published(release: Release, plan: Plan) -> PublishedNote:
    """Return what `PUBLISHED.json` will say."""
    latest = plan.latest
    first = [f"`{config}`: {found.rows} rows" for config, found in release.contents.items()]
    changes = versions.described(plan.difference) if latest else ["first version", *first]
    entry = Entry(version=str(plan.version), code=release.code, changes=changes)
    return PublishedNote(
        family=release.family,
        sample=release.sample,
        version=str(plan.version),
        code=release.code,
        code_date=release.code_date,
        dvc_lock=release.dvc_lock,
        release=release.digest,
        contents=release.contents,
        changelog=[entry, *(latest.published.changelog if latest else [])],
        hazard=release.hazard,
    )


def _family(name: str) -> str:
    paths.root()
    family, _ = families.select(name.partition("/")[0])
    if family != name:
        raise BuildError("a release is published as a whole", where=name, fix=f"name the family, {family}")
    return family


def _place(family: str, scratch: Path, allowed: Permissions) -> Place:
    scheme, rest = places.named()
    name = f"{family}{SAMPLE_SUFFIX}" if allowed.sample else family
    hazard = hazards.level(family)
    if scheme == "hf":
        return Repository(f"{rest}/{name}", hazard, scratch / "hub")
    if hazard == "harmful-text" and not allowed.hazard:
        what = "its rows hold harmful answers, and a folder has no gate"
        raise BuildError(what, where=family, fix="add --accept-hazard if that is meant, or publish to a Hub")
    here, there = paths.root().resolve(), (Path(rest) / name).resolve()
    if there.is_relative_to(here) or here.is_relative_to(there) or Path(rest).resolve().is_relative_to(here):
        what = "it is in the checkout, which must stay as the commit has it"
        raise BuildError(what, where=f"{places.VARIABLE}={rest}", fix="name a folder elsewhere")
    return Folder(Path(rest) / name, hazard)


@contextmanager
def _scratch(family: str) -> Iterator[Path]:
    """Hold the family's publishing, and give it an empty folder that goes away."""
    with locks.held(paths.lock(family, "publish")):
        folder = paths.processed(family) / ".publish"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        try:
            with _cached_in(folder.resolve() / "read"):
                yield folder.resolve()
        finally:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _cached_in(folder: Path) -> Iterator[None]:
    """Let what `datasets` reads back lie there: its own cache would keep rows that must lie nowhere else."""
    before, constants.HF_HUB_CACHE = constants.HF_HUB_CACHE, str(folder)
    try:
        yield
    finally:
        constants.HF_HUB_CACHE = before


def _set_up() -> None:
    """Let the libraries say nothing beside our own lines, and wait for no answer for ever."""
    import datasets  # noqa: PLC0415

    datasets.disable_progress_bars()
    for name in ("datasets", "huggingface_hub"):
        logging.getLogger(name).setLevel(logging.ERROR)
    disable_progress_bars()
    patience.limit_silence()


def _say(line: str) -> None:
    print(line)  # noqa: T201
