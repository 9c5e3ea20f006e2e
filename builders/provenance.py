"""Where a row came from, who answered about it, and what people decided, as types with the JSON that stages write."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple, Self

_PINNED = "source_"
_NOTHING: Mapping[str, Any] = {}
_OWN = frozenset(("source", "license", "source_key", "source_row", "source_file", "answers"))


@dataclass(frozen=True, slots=True)
class Answerer:
    """Who answered about a row in one role.

    Args:
        server: `recorded`, `vllm`, `symbolic`, `none`, or the server's label or address.
        model: its name there.
        revision: of the weights, where it is known.
        prompts_sha256: hash of the stage's templates; null where nobody was asked.
        candidates: how many replies were asked for until enough were accepted; None where as many as were wanted.
        accepted: how many of those were accepted.
        extra: further keys of the requests' bodies, as JSON; None where there were none.
    """

    server: str
    model: str
    revision: str | None
    prompts_sha256: str | None
    candidates: int | None = None
    accepted: int | None = None
    extra: str | None = None

    def facts(self) -> dict[str, Any]:
        """Return the answerer as JSON; counts and further keys that are None are left out."""
        who: dict[str, Any] = {
            "server": self.server,
            "model": self.model,
            "revision": self.revision,
            "prompts_sha256": self.prompts_sha256,
        }
        if self.extra is not None:
            who["extra"] = self.extra
        if self.candidates is None:
            return who
        return {**who, "candidates": self.candidates, "accepted": self.accepted}


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What people decided about a row.

    Args:
        decision: `accept`; `edited`: accepted with a better text; `undecided`: they disagree; `stale`: all decisions are
            about an earlier content.
        reviewers: how many decided about the present content.
    """

    decision: str
    reviewers: int


class Provenance(NamedTuple):
    """Where a row came from and who answered.

    Args:
        source: id of the source in params.
        license: of the source.
        source_key: the source's own row key; None where it has none.
        source_row: the position in the source's file.
        source_file: the file, where the source has several.
        answers: `symbolic` where the family answers the source's rows itself.
        pinned: what pins the source's content: the hash of a file, or repository and commit, or generator and seed.
        answerers: who answered, by role, in the order in which they did.
        review: what people decided.
    """

    source: str
    license: str
    source_key: str | None
    source_row: int | None = None
    source_file: str | None = None
    answers: str | None = None
    pinned: Mapping[str, Any] = _NOTHING
    answerers: Mapping[str, Answerer] = _NOTHING
    review: Reviewed | None = None

    def facts(self) -> dict[str, Any]:
        """Return the provenance as JSON: what is not known is left out, but for the key."""
        facts: dict[str, Any] = {"source": self.source, "license": self.license}
        if self.answers:
            facts["answers"] = self.answers
        for name, fact in self.pinned.items():
            facts[f"{_PINNED}{name}"] = fact
        if self.source_file is not None:
            facts["source_file"] = self.source_file
        if self.source_row is not None:
            facts["source_row"] = self.source_row
        facts["source_key"] = self.source_key
        for role, answerer in self.answerers.items():
            facts[role] = answerer.facts()
        if self.review:
            facts["review"] = asdict(self.review)
        return facts

    def answered(self, answerers: Mapping[str, Answerer]) -> Self:
        """Return a copy that says who answered in these roles."""
        return type(self)(
            self.source,
            self.license,
            self.source_key,
            self.source_row,
            self.source_file,
            self.answers,
            self.pinned,
            {**self.answerers, **answerers},
            self.review,
        )

    @classmethod
    def read(cls, facts: dict[str, Any]) -> Self:
        """Read back what `facts` returned.

        Raises:
            KeyError: it lacks what every row has.
            TypeError: an answerer has other keys.
        """
        pinned: dict[str, Any] = {}
        answerers: dict[str, Answerer] = {}
        review = None
        for name, fact in facts.items():
            if name in _OWN:
                continue
            if name.startswith(_PINNED):
                pinned[name.removeprefix(_PINNED)] = fact
            elif name == "review":
                review = Reviewed(**fact)
            else:
                answerers[name] = Answerer(**fact)
        return cls(
            facts["source"],
            facts["license"],
            facts["source_key"],
            facts.get("source_row"),
            facts.get("source_file"),
            facts.get("answers"),
            pinned,
            answerers,
            review,
        )
