"""Takes the ledgers of other machines into this one: every reply, what is noted, and what was paid.

The first reply to a request stays, so merging again changes nothing. What was paid is told apart by ledger (`costs`), and is
counted once however often, and over whatever other ledgers, it comes. Ledgers that answer a request differently are not merged:
a release was built from one of the replies, and nobody but its builder knows which. The other ledgers are only read, and never
locked.

Changes no byte of a row.
"""

import asyncio
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path

from builders import terminal
from builders.errors import BuildError
from builders.ledger import costs
from builders.ledger.ledger import GROUP_REPLIES, Ledger
from builders.ledger.store import Entry, Store, has_log
from builders.progress import tracked


@dataclass
class _Survey:
    """What the other ledgers have: replies, those that are new here, notes that are, and who differs about what."""

    replies: int = 0
    new: int = 0
    facts: dict[str, bytes] = field(default_factory=dict)
    differing: list[str] = field(default_factory=list)


def run(others: Sequence[Path], *, keep_first: bool) -> None:
    """Merge other ledgers into the one that the environment names.

    Args:
        others: where they are.
        keep_first: where they differ, what the first has counts: this one, then the others in their order.

    Raises:
        BuildError: one is not there, is damaged, or differs; nothing is changed then. Or the disk is full.
    """
    path = Ledger.path()
    with ExitStack() as stack:
        stores = [_opened(other, stack) for other in others]
        if any(path.is_file() and path.samefile(other) for other in others):
            raise BuildError("this is the ledger that others are merged into", where=path, fix="leave it out")
        with Ledger(path) as ledger:
            survey = _survey(stores, ledger)
            if survey.differing and not keep_first:
                raise _differing(survey.differing, path)
            asyncio.run(_store(stores, ledger))
            ledger.merge(stores, survey.facts)
            _check(stores, ledger)
    kept = f", {len(survey.differing)} that differ left out" if survey.differing else ""
    print(f"{path}: {survey.replies} replies read, {survey.new} of them new{kept}")  # noqa: T201


def _opened(path: Path, stack: ExitStack) -> Store:
    """Open a ledger that nobody writes; of one whose process was killed, a copy, for to read it as it lies takes a lock.

    Raises:
        BuildError: there is none.
    """
    if not has_log(path):
        return stack.enter_context(closing(Store(path, read_only=True, still=True)))
    copy = Path(stack.enter_context(tempfile.TemporaryDirectory())) / path.name
    for name in (path.name, f"{path.name}-wal"):
        shutil.copyfile(path.with_name(name), copy.with_name(name))
    return stack.enter_context(closing(Store(copy, read_only=True)))


def _survey(stores: Sequence[Store], ledger: Ledger) -> _Survey:
    """Compare all that the other ledgers have with this one, and with those before them."""
    survey = _Survey()
    for place, store in enumerate(stores):
        for key, entry in tracked(store.entries(), f"read {store.path}", store.replies()):
            survey.replies += 1
            found = ledger.get(key.hex()) or next((known for other in stores[:place] if (known := other.find(key))), None)
            survey.new += found is None
            if found and found.reply != entry.reply:
                survey.differing.append(f"reply {key.hex()}")
        for name, value in store.noted("").items():
            if costs.is_ours(name):
                continue
            known_value = ledger.fact(name) or survey.facts.get(name)
            if known_value is None:
                survey.facts[name] = value
            elif known_value != value:
                survey.differing.append(name)
    return survey


def _differing(names: list[str], path: Path) -> BuildError:
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    what = f"the ledgers differ about {terminal.name(names[0])}{more}; nothing was merged"
    fix = "--keep-first takes what is here, then what the ledgers have in the order in which they are named"
    return BuildError(what, where=path, fix=fix)


async def _store(stores: Sequence[Store], ledger: Ledger) -> None:
    """Put every reply that is not here; what it cost is noted apart."""
    done: asyncio.Future[None] | None = None
    new = ((key.hex(), entry) for key, entry in _entries(stores) if ledger.get(key.hex()) is None)
    for number, (key, entry) in enumerate(new, 1):
        done = ledger.put(key, entry, None)
        if not number % GROUP_REPLIES:
            await done
    if done:
        await done


def _check(stores: Sequence[Store], ledger: Ledger) -> None:
    """See that every reply is here now."""
    if lost := sum(ledger.get(key.hex()) is None for key, _ in _entries(stores)):
        what = f"{lost} replies did not arrive"
        raise BuildError(what, where=Ledger.path(), fix="run the same command again; the other ledgers are as they were")


def _entries(stores: Sequence[Store]) -> Iterator[tuple[bytes, Entry]]:
    for store in stores:
        yield from store.entries()
