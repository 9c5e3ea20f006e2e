"""The sections of a family's `params.yaml`, as types: what each key means and which values it may have.

Nothing here has a default: every choice stands in the file, where DVC sees it. A family's modules extend the shared
sections with keys of their own.
"""

import re
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    JsonValue,
    Tag,
    field_validator,
    model_validator,
)

from builders import flags

Format = Literal["jsonl", "json", "yaml", "csv", "tsv", "parquet", "generated"]

PLAIN, MADE, MAPPING = "(plain)", "(made)", "(mapping)"
"""Where a key may hold a plain value or a mapping: which of them it is. The usual mapping is the last of a union's members."""


class Section(BaseModel):
    """A part of a params file: immutable, no unknown keys, no silent conversion of types."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


def _shape(value: object) -> str:
    if isinstance(value, Generated) or (isinstance(value, dict) and "generator" in value):
        return MADE
    return MAPPING if isinstance(value, dict | Section) else PLAIN


class HubFiles(Section):
    """Files of a Hugging Face dataset at one commit; the token, if one is needed, comes from huggingface_hub.

    Args:
        hub: the dataset's id, `<namespace>/<name>`.
        revision: the commit's 40 hex digits; null where nobody has looked it up yet, and collect then says what to write.
        paths: files of the repository, read in this order.
    """

    hub: str = Field(pattern=r"^[A-Za-z0-9._-]+/[A-Za-z0-9._-]+$")
    revision: str | None
    paths: list[str] = Field(min_length=1)

    @field_validator("revision")
    @classmethod
    def _pinned(cls, revision: str | None) -> str | None:
        if revision is not None and not re.fullmatch("[0-9a-f]{40}", revision):
            message = f"{revision!r} is not the 40 hex digits of a commit; a branch or tag may move, and the rows with it"
            raise ValueError(message)
        return revision


class Generated(Section):
    """Rows that the family makes itself, any number of them: a larger number holds every smaller one.

    Args:
        generator: what the family calls the generator.
        rows: how many.
        seed: decides, with a row's number, about everything that is drawn at random.
        settings: what else the generator lets one choose.
    """

    generator: str = Field(pattern=r"^[a-z0-9_]+$")
    rows: int = Field(ge=1)
    seed: int
    settings: dict[str, JsonValue]


class ByValue(Section):
    """Which of the file's columns to take, row by row.

    Args:
        by: the file's column that decides.
        columns: its value → the file's column to take; with any other value there is none.
    """

    by: str
    columns: dict[str, str] = Field(min_length=1)


class Sample(Section):
    """Rows drawn at random, evenly over the values of one column; a larger sample holds every smaller one.

    Args:
        rows: how many; a value with fewer rows than its share gives all of them, and the others more.
        over: the file's column whose values get equal shares.
        seed: with the content of a row it decides whether the row is drawn; neither order nor split of files does.
    """

    rows: int = Field(ge=1)
    over: str
    seed: int


_Name = Annotated[str, Field(pattern=r"^[^/\\]+$")]
File = Annotated[
    Annotated[_Name, Tag(PLAIN)] | Annotated[Generated, Tag(MADE)] | Annotated[HubFiles, Tag(MAPPING)], Discriminator(_shape)
]
Column = Annotated[Annotated[str, Tag(PLAIN)] | Annotated[ByValue, Tag(MAPPING)], Discriminator(_shape)]
Limit = Annotated[
    Annotated[int | None, Field(ge=1), Tag(PLAIN)] | Annotated[Sample, Tag(MAPPING)],
    Discriminator(_shape),
]


class Table(Section):
    """Where rows stand, and how their columns become ours.

    Args:
        file: file name inside `raw/<family>/sources/`, or files of a Hugging Face dataset, or rows that the family makes.
        format: how the file is written; `generated` for rows that the family makes.
        columns: our column → the file's column, or one chosen by a value; `key` names the file's own row key.
    """

    file: File
    format: Format
    columns: dict[str, Column]

    @model_validator(mode="after")
    def _made_or_written(self) -> "Table":
        if (self.format == "generated") != isinstance(self.file, Generated):
            message = "format: generated goes with a file that names a generator, and with no other"
            raise ValueError(message)
        return self

    @property
    def read(self) -> list[str]:
        """The file's columns that are read."""
        wanted = []
        for column in self.columns.values():
            wanted += [column.by, *column.columns.values()] if isinstance(column, ByValue) else [column]
        return wanted


class Source(Table):
    """A file of prompts.

    Args:
        id: name of the source; part of every row's id, so renaming it renames the rows.
        file: see `Table`, as are `format` and `columns`; without a key, the prompt is the key.
        license: SPDX identifier of its licence, carried to every row.
        subset: the family's subset that its rows belong to.
        constants: our column → a value that every row of the file gets.
        values: our column → {the file's value → ours}; a value not listed stays as it is.
        limit: take the first so many rows, or draw some; null takes all.
        answers: `symbolic` where the family answers its rows itself, whatever `teacher` is; null: the teacher does.
    """

    id: str = Field(pattern=r"^[a-z0-9_]+$")
    license: str = Field(min_length=1)
    subset: str
    constants: dict[str, str]
    values: dict[str, dict[str, str]]
    limit: Limit
    answers: Literal["symbolic"] | None

    @property
    def label(self) -> str:
        """What messages call it."""
        return f"source {self.id}"

    @property
    def read(self) -> list[str]:
        """The file's columns that are read."""
        return [*super().read, *([self.limit.over] if isinstance(self.limit, Sample) else [])]


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
        min_confidence: reject only above this probability.
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
    """

    threshold: float = Field(gt=0, le=1)
    shingle_words: int = Field(ge=1)
    bands: int = Field(ge=1)
    hashes_per_band: int = Field(ge=1)


class EvaluationSet(Table):
    """A file of prompts that models are evaluated with, read whole.

    Args:
        name: what evidence and counts call it.
        file: see `Table`, as are `format` and `columns`: `prompt`, and `key` where the file has one.
    """

    name: str = Field(pattern=r"^[a-z0-9_]+$")

    @field_validator("columns")
    @classmethod
    def _prompt_and_key(cls, columns: dict[str, Column]) -> dict[str, Column]:
        if "prompt" not in columns or set(columns) - {"prompt", "key"}:
            message = "map prompt, and key if there is one, and nothing else"
            raise ValueError(message)
        return columns

    @property
    def label(self) -> str:
        """What messages call it."""
        return f"evaluation set {self.name}"


AnyTable = Source | EvaluationSet


class Decontamination(Section):
    """Rejects prompts of evaluation sets: those equal to one as a whole, and those that share words in a row with one.

    Args:
        ngram_words: how many words in a row; a prompt with fewer is compared as a whole only.
        sets: the evaluation sets; a set that is itself a source must be taken off the list.
    """

    ngram_words: int = Field(ge=1)
    sets: list[EvaluationSet]

    @model_validator(mode="after")
    def _unique_sets(self) -> "Decontamination":
        _no_name_twice("evaluation sets have the name", [chosen.name for chosen in self.sets])
        return self


class Collect(Section):
    """Parameters of the collect stage."""

    sources: list[Source]
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


class Sampling(Section):
    """How a model samples; sent with every request and part of its key.

    Args:
        temperature: 0 is greedy.
        top_p: nucleus sampling mass.
        max_tokens: most tokens of one reply.
    """

    temperature: float = Field(ge=0)
    top_p: float = Field(gt=0, le=1)
    max_tokens: int = Field(ge=1)


class Prices(Section):
    """What a model's tokens cost, for a million, in one currency for all roles.

    Args:
        prompt: price of the tokens it is sent.
        completion: price of the tokens it answers.
    """

    prompt: float = Field(ge=0)
    completion: float = Field(ge=0)


class Role(Section):
    """A model that is asked something.

    Args:
        model: its name on the server; null takes the only one the server lists.
        revision: the weights' revision, for the record and the key; null where unknown.
        server: a label that stands for the server in the key; null means scheme, host, port and path.
        api: `chat` sends messages; `completions` sends a prompt whose chat markup is in the template.
        engine: for a vLLM of our own (`teacher: vllm`), its flags that change replies, by their long names without the
            dashes, such as `max-model-len: 8192`; part of the key; null leaves them all at vLLM's defaults.
        sampling: how it samples.
        prices: what its tokens cost; null where it is not paid by the token.
        repairs: how often it may mend a reply that does not fit the JSON Schema it was asked for.
    """

    model: str | None
    revision: str | None
    server: str | None
    api: Literal["chat", "completions"]
    engine: Annotated[dict[str, JsonValue], AfterValidator(flags.checked)] | None
    sampling: Sampling
    prices: Prices | None
    repairs: int = Field(ge=0)


class Synthesize(Section):
    """Parameters of the synthesize stage.

    Args:
        roles: the models asked.
        seed: base of every request's sampling seed, together with the row id and the sample index.
        candidates: sample until a row has enough acceptable replies, but no more than so many; null: ask for exactly as
            many as are wanted, and let filter decide about them.
    """

    roles: dict[str, Role]
    seed: int
    candidates: int | None = Field(ge=1)


class Judge(Section):
    """Parameters of the judge stage."""

    roles: dict[str, Role]


class Filter(Section):
    """Parameters of the filter stage."""


class Review(Section):
    """Parameters of the review stage.

    Args:
        conflicts: what a row with both an accepting and a rejecting reviewer becomes.
    """

    conflicts: Literal["reject", "accept"]


class Release(Section):
    """Parameters of the release stage.

    Args:
        rows_per_shard: most rows of one Parquet file.
    """

    rows_per_shard: int = Field(ge=1)


class Validate(Section):
    """Parameters of the validate stage: the schema says it all."""
