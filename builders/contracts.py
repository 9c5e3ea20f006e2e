"""What a family gives each stage, once, as types; what a default means stands beside it.

A family's module `collect` ends with `STAGE = Collecting(…)`, `synthesize` with `STAGE = Synthesizing(…)`, and so on. Only
collect must be there. Asking is one coroutine about one row: `builders.work`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from builders import family as families
from builders import records
from builders.family import Part
from builders.params import sections
from builders.records import Record, Rule
from builders.sources.entries import Generated
from builders.teachers.api import Reply, Request
from builders.work import Work, unchanged

C = TypeVar("C", bound=sections.Collect)
S = TypeVar("S", bound=sections.Asking)
J = TypeVar("J", bound=sections.Asking)
F = TypeVar("F", bound=sections.Filter)
R = TypeVar("R", bound=sections.Release)

Row = dict[str, Any]
"""A released row, as the schema describes it."""
Rows = Callable[[str], Iterable[Row]]
"""Subset → its released rows, read anew at each call."""


def always(_: Record) -> bool:
    """Say yes to every row."""
    return True


def never(_: Record) -> bool:
    """Say no to every row."""
    return False


def nothing(_: Record) -> str:
    """Return the empty text for every row."""
    return ""


def nobody(_: Record, __: object) -> list[Request]:
    """Return no request."""
    return []


def silent(_: Record) -> Iterator[tuple[str, int | str | None]]:
    """Yield no verdict."""
    return iter(())


@dataclass(frozen=True, kw_only=True)
class Numbered:
    """Rows of a generated source that depend on nothing but the source and their numbers.

    Args:
        numbers: yields the numbers, in order.
        row: returns what makes the row with a number.
    """

    numbers: Callable[[Generated], Iterator[int]]
    row: Callable[[Generated], Callable[[int], dict[str, Any]]]


@dataclass(frozen=True, kw_only=True)
class Collecting(Part[C], Generic[C]):
    """What a family gives collect, and whatever else screens prompts.

    Args:
        params: the type of the section.
        prompt: the column that holds the prompt; a row without a text there is a `bad_prompt`.
        columns: column that a source may fill → whether it must.
        rules: the family's own checks of a seed, in order.
        screened: which rows are prompts; the others pass all rules but the family's, duplicate ids and exact duplicates.
        made: which rows the family made itself, whose length, language and likeness nobody measures.
        beside: what tells rows of one text apart, such as a figure.
        agreeing: whether what is beside two rows may belong to one prompt; unset: if it is equal.
        answered: a row's reference answer, empty where it has none: two that are not equivalent are of two prompts, or wrong.
        completed: returns the row with what is found out about it before any rule looks at it.
        generated: yields the rows of a generated source; unset: the family has no generator.
        numbered: the same for rows that can be made one by one, each by its number, wherever there is a free core.
        pictures: columns that hold images: names of files, or the images themselves, which are then put aside.
    """

    prompt: str
    columns: Mapping[str, bool]
    rules: Callable[[C], Sequence[Rule]]
    screened: Callable[[Record], bool] = always
    made: Callable[[Record], bool] = never
    beside: Callable[[Record], str] = nothing
    agreeing: Callable[[C], Callable[[str, str], bool]] | None = None
    answered: Callable[[Record], str] = nothing
    completed: Callable[[Record, C], Record] | None = None
    generated: Callable[[Generated], Iterator[dict[str, Any]]] | None = None
    numbered: Numbered | None = None
    pictures: tuple[str, ...] = ()


Steered = Callable[[Record, Request, Sequence[Reply]], Request | None]
"""Returns the request in the place of one of `topics`, told of the replies before it; None: no further one is asked."""


@dataclass(frozen=True, kw_only=True)
class Spawning(Generic[S]):
    """How seeds become prompts, which are screened like collected ones before anything else is asked about them.

    Args:
        topics: the requests for the prompts that a seed spawns; none about a row that is a prompt itself.
        spawned: the columns of each prompt that a reply brings.
        collecting: what screens them.
        steered: how the requests are asked one after another (`Steered`); None: all at once, and none knows of another.
        embedded: the request for the embedding of a prompt, by which those that mean the same are found; None: there is none.
        alike: the least cosine similarity from which on two prompts mean the same.
    """

    topics: Callable[[Record, S], list[Request]]
    spawned: Callable[[Record, Reply, S], list[dict[str, Any]]]
    collecting: Collecting[Any]
    steered: Callable[[S], Steered | None] = lambda _: None
    embedded: Callable[[Record, S], Request | None] | None = None
    alike: Callable[[S], float | None] = lambda _: None


@dataclass(frozen=True, kw_only=True)
class Drawing(Generic[S]):
    """How rows are drawn, in their order, until enough of each group are good.

    Args:
        quota: how many are wanted of a pool, given the section; None: every row is asked about.
        group: names the group that a row counts for.
        good: tells of a row, as judge annotates it, whether it counts. It must hold nothing against a threshold of filter's: a
            threshold that moves asks nobody.
    """

    quota: Callable[[S, str], sections.Quota | None]
    group: Callable[[Record], str]
    good: Callable[[Record], bool]


@dataclass(frozen=True, kw_only=True)
class Synthesizing(Part[S], Generic[S]):
    """What a family gives synthesize.

    Args:
        params: the type of the section.
        roles: the roles that the section must have; the first one's name is what `teacher` in params speaks of.
        openings: the requests about a row that are known from the start, for estimate and order.
        work: returns the work about each row, given the section and judge's.
        judging: whether the work asks judge's roles, too.
        besides: what an estimate by the openings leaves out, in a few words.
        spawning: how topics become prompts; unset: every seed is a prompt.
        drawing: how many rows are asked about; unset: all.
        symbolic: the texts of the replies to a row whose source says `answers: symbolic`; unset: no source may say so.
    """

    roles: tuple[str, ...] = ("teacher",)
    openings: Callable[[Record, S], list[Request]] = nobody
    work: Callable[[S, Any], Work]
    judging: Callable[[S], bool] = lambda _: False
    besides: Callable[[S], str] = lambda _: ""
    spawning: Spawning[S] | None = None
    drawing: Drawing[S] | None = None
    symbolic: Callable[[Record, S], list[str]] | None = None


@dataclass(frozen=True, kw_only=True)
class Judging(Part[J], Generic[J]):
    """What a family gives judge, which annotates and rejects nothing.

    Args:
        params: the type of the section.
        roles: the roles that the section must have.
        openings: the requests about a row.
        work: returns the work about each row.
        verdicts: each score or verdict of an annotated row under its name, for the figures; None where there is none.
        scale: the ends of a score.
    """

    roles: tuple[str, ...] = ("judge",)
    openings: Callable[[Record, J], list[Request]] = nobody
    work: Callable[[J], Work]
    verdicts: Callable[[Record], Iterator[tuple[str, int | str | None]]] = silent
    scale: tuple[int, int] = (0, 1)


@dataclass(frozen=True, kw_only=True)
class Filtering(Part[F], Generic[F]):
    """What a family gives filter.

    Args:
        params: the type of the section.
        rules: tried in order, the first that rejects being the reason.
        released: the row in the columns it will be released with.
        quota: of a pool, group → how many rows are kept, the first that no rule rejects; None: all.
        group: the group that a row counts for; None: it is kept whatever others are.
    """

    rules: Callable[[F], Sequence[Rule]]
    released: Callable[[Record, F], Record]
    quota: Callable[[F, str], Mapping[str, int] | None] = lambda _, __: None
    group: Callable[[Record], str | None] = lambda _: None


@dataclass(frozen=True, kw_only=True)
class Splitting:
    """How a family's rows, those of derived configs too, are divided into the Hub's splits.

    Args:
        group: names what a row shares with others that must not be in another split, such as a topic or an image.
        split: the split of a row; unset: a hash of its group decides, the same for every config and family.
    """

    group: Callable[[Row], str]
    split: Callable[[Row], str] | None = None

    def of(self, row: Row) -> str:
        """Return the split of a row."""
        return self.split(row) if self.split else records.split(self.group(row))


def as_it_is(row: Row) -> Row:
    """Return the row."""
    return row


@dataclass(frozen=True, kw_only=True)
class Releasing(Part[R], Generic[R]):
    """What a release of the family has beyond its rows.

    Args:
        params: the type of the section.
        derived: yields the rows of a derived config, given its name.
        audit: figures about the released rows, for manifest and card; they are its `audit`.
        summarised: those of the audit's figures that `dvc metrics` shows: path → name → number.
        embedded: returns a released row with the bytes of its images.
        pictures: writes the pictures that the card shows into a folder.
        splitting: how rows are divided into splits; unset: all are in `train`.
    """

    derived: Callable[[str, Rows, R], Iterable[Row]] | None = None
    audit: Callable[[Rows, R], dict[str, Any]] | None = None
    summarised: Callable[[dict[str, Any]], Mapping[str, Mapping[str, int | float]]] = lambda _: {}
    embedded: Callable[[Row], Row] = as_it_is
    pictures: Callable[[Rows, Path, R], None] | None = None
    splitting: Splitting | None = None


def collecting(family: str) -> Collecting[Any]:
    """Return what a family gives collect."""
    found = families.part(family, "collect", Collecting)
    assert found  # noqa: S101  (a family without seeds is none)
    return found


def synthesizing(family: str) -> Synthesizing[Any]:
    """Return what a family gives synthesize; where it has no such module, every row stays as it is."""
    unasked = Synthesizing(params=sections.Asking, roles=(), work=lambda _, __: unchanged)
    return families.part(family, "synthesize", Synthesizing) or unasked


def judging(family: str) -> Judging[Any]:
    """Return what a family gives judge; where it has no such module, every row stays as it is."""
    unasked = Judging(params=sections.Asking, roles=(), work=lambda _: unchanged)
    return families.part(family, "judge", Judging) or unasked


def filtering(family: str) -> Filtering[Any]:
    """Return what a family gives filter; where it has no such module, every row is kept with the columns it has."""
    as_it_is = Filtering(params=sections.Filter, rules=lambda _: (), released=lambda record, _: record)
    return families.part(family, "filter", Filtering) or as_it_is


def releasing(family: str) -> Releasing[Any]:
    """Return what a family gives release; where it has no such module, its rows and nothing else are released."""
    return families.part(family, "release", Releasing) or Releasing(params=sections.Release)
