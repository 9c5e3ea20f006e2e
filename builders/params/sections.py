"""The sections of a family's `params.yaml`, as types: what each key means and which values it may have.

Every choice is in the file, where DVC sees it; what is nothing may be left out, as may what a server is to be asked in its
usual way. A family's modules extend the shared sections with keys of their own.

Changes no byte of a row.
"""

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Annotated, Literal

from pydantic import Field, model_validator

from builders.params.reviewing import Policy, Rounds
from builders.params.roles import Role
from builders.sources.section import Section
from builders.sources.tables import EvaluationSet, Source


class Bounds(Section):
    """An inclusive range of counts."""

    min: int = Field(ge=0)
    max: int = Field(ge=1)

    @model_validator(mode="after")
    def _ordered(self) -> "Bounds":
        if self.min > self.max:
            message = f"min {self.min} is above max {self.max}"
            raise ValueError(message)
        return self


class Language(Section):
    """Which languages are kept, and when the identifier is believed.

    Args:
        allowed: ISO 639-1 codes.
        min_confidence: reject only above this probability that it is the likeliest other language and none of the allowed.
        min_words: reject only texts of at least so many words: short ones are misread too often.
    """

    allowed: list[str] = Field(min_length=1)
    min_confidence: float = Field(ge=0, le=1)
    min_words: int = Field(ge=1)


class NearDuplicates(Section):
    """MinHash LSH over word n-grams finds candidates, their exact Jaccard similarity decides.

    Two prompts of similarity s become candidates with probability 1 - (1 - s^hashes_per_band)^bands.

    Args:
        threshold: reject from this Jaccard similarity on.
        shingle_words: words in an n-gram; a prompt with fewer words has no near-duplicates.
        bands: number of LSH bands.
        hashes_per_band: MinHash values that must all agree in a band.
        numbers: `must_agree`: prompts with other numbers or signs between them are never near-duplicates, however alike their
            words, since another number makes another problem; `may_differ`: a number is a word like any other.
    """

    threshold: float = Field(gt=0, le=1)
    shingle_words: int = Field(ge=1)
    bands: int = Field(ge=1)
    hashes_per_band: int = Field(ge=1)
    numbers: Literal["must_agree", "may_differ"]


class Decontamination(Section):
    """Rejects prompts of evaluation sets: those equal to one as a whole, and those that share words in a row with one.

    Args:
        ngram_words: how many words in a row; a prompt with fewer is compared as a whole only.
        sets: the evaluation sets; a set that is itself a source must be taken off the list.
        listed: names of further sets, which `builders/sources/benchmarks/benchmarks.json` has.
    """

    ngram_words: int = Field(ge=1)
    sets: Sequence[EvaluationSet]
    listed: Sequence[str] = ()

    @model_validator(mode="after")
    def _unique_sets(self) -> "Decontamination":
        _no_name_twice("evaluation sets have the name", [*(table.name for table in self.sets), *self.listed])
        return self


class Collect(Section):
    """Parameters of the collect stage."""

    sources: Sequence[Source]
    decontamination: Decontamination
    prompt_words: Bounds
    language: Language
    near_duplicates: NearDuplicates

    @model_validator(mode="after")
    def _unique_sources(self) -> "Collect":
        _no_name_twice("sources have the id", [source.id for source in self.sources])
        return self


def _no_name_twice(what: str, names: list[str]) -> None:
    if twice := {name for name in names if names.count(name) > 1}:
        message = f"two {what} {min(twice)}"
        raise ValueError(message)


class Asking(Section):
    """Parameters of a stage that may ask models.

    Args:
        roles: the models asked; none where nobody is.
    """

    roles: dict[str, Role] = Field(default_factory=dict)


class Synthesize(Asking):
    """Parameters of the synthesize stage.

    Args:
        roles: see `Asking`.
        seed: base of every request's sampling seed, together with the row id and the sample index.
        candidates: sample until a row has enough acceptable replies, but no more than so many; null: ask for exactly as
            many as are wanted, and let filter decide about them.
    """

    seed: int
    candidates: int | None = Field(ge=1)


class Spawned(Section):
    """How many prompts are made from a seed.

    Args:
        requests: how often the teacher is asked about each seed.
        per_request: prompts wanted each time.
    """

    requests: int = Field(ge=1)
    per_request: int = Field(ge=1)


class Quota(Section):
    """Until how many rows of each group are good further ones are drawn, in their order.

    Args:
        rows: group → how many are wanted; of a group that is not named none is drawn.
        spare: share of these that is drawn beyond, for filter and review may drop some.
        round_rows: rows of each group that are asked about before the good ones are counted again.
    """

    rows: dict[str, Annotated[int, Field(ge=1)]] = Field(min_length=1)
    spare: float = Field(ge=0)
    round_rows: int = Field(ge=1)

    def enough(self, group: str) -> int:
        """Return how many good rows of a group are drawn, if there are as many."""
        return math.ceil(self.rows.get(group, 0) * (1 + Fraction(str(self.spare))))


class Judge(Asking):
    """Parameters of the judge stage."""


class Filter(Section):
    """Parameters of the filter stage."""


class Review(Section):
    """Parameters of the review stage.

    Args:
        conflicts: what decides where reviewers disagree: `reject` or `accept`: one who says so is enough; `majority`;
            `unanimous`: nothing; `senior`: who is named in `seniors`. What it leaves undecided goes to the next round.
        seniors: pseudonyms of reviewers.
        undecided: what becomes of a row that filter kept until its disagreement is resolved.
        rounds: what a round is; null: there are none.
        policy: what rounds must have shown before rows are released; null: nothing.
    """

    conflicts: Literal["reject", "accept", "majority", "unanimous", "senior"]
    seniors: Sequence[str] = ()
    undecided: Literal["accept", "reject"] = "accept"
    rounds: Rounds | None = None
    policy: Policy | None = None


class HubTokenizer(Section):
    """A tokenizer of the Hugging Face Hub at one commit, whose repository has a `tokenizer.json`.

    Args:
        hub: the model's id, `<namespace>/<name>`.
        revision: the commit's 40 hex digits.
    """

    hub: str = Field(pattern=r"^[A-Za-z0-9._-]+/[A-Za-z0-9._-]+$")
    revision: str = Field(pattern=r"^[0-9a-f]{40}$")


class Release(Section):
    """Parameters of the release stage.

    Args:
        rows_per_shard: most rows of one Parquet file.
        tokenizer: what counts the tokens that the card names; null: `builders.releases.tokens` says which.
        published: the published set that the family rebuilds, whose prompts the released ones are compared with; null:
            they are compared with none.
    """

    rows_per_shard: int = Field(ge=1)
    tokenizer: HubTokenizer | None = None
    published: EvaluationSet | None = None


class Validate(Section):
    """Parameters of the validate stage: the schema says it all."""
