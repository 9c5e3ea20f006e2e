"""What changes bytes: the typed form of `params.yaml` and of each family's `params.yaml`.

Nothing here has a default: every choice stands in the file, where DVC sees it. A key that is missing, misspelt or of the
wrong type is one clear line. A family's modules extend the shared sections with keys of their own.
"""

import difflib
from pathlib import Path
from typing import Any, Literal, NamedTuple, Protocol, TypeVar, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from builders import families, paths, texts
from builders.errors import BuildError

Format = Literal["jsonl", "json", "yaml", "csv", "tsv", "parquet"]


class Section(BaseModel):
    """A part of a params file: immutable, no unknown keys, no silent conversion of types."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class Source(Section):
    """A file in `raw/<family>/sources/` and how its columns become ours.

    Args:
        id: name of the source; part of every row's id, so renaming it renames the rows.
        file: file name inside `raw/<family>/sources/`.
        format: how the file is written.
        license: SPDX identifier of its licence, carried to every row.
        subset: the family's subset that its rows belong to.
        columns: our column → the file's column; `key` names the file's own row key (without one, the prompt is the key).
        constants: our column → a value that every row of the file gets.
        values: our column → {the file's value → ours}; a value not listed stays as it is.
        limit: take the first so many rows; null takes all.
    """

    id: str = Field(pattern=r"^[a-z0-9_]+$")
    file: str = Field(pattern=r"^[^/\\]+$")
    format: Format
    license: str = Field(min_length=1)
    subset: str
    columns: dict[str, str]
    constants: dict[str, str]
    values: dict[str, dict[str, str]]
    limit: int | None = Field(ge=1)


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


class Collect(Section):
    """Parameters of the collect stage."""

    sources: list[Source]
    prompt_words: Bounds
    language: Language
    near_duplicates: NearDuplicates

    @model_validator(mode="after")
    def _unique_sources(self) -> "Collect":
        ids = [source.id for source in self.sources]
        if twice := {name for name in ids if ids.count(name) > 1}:
            message = f"two sources have the id {min(twice)}"
            raise ValueError(message)
        return self


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


class Role(Section):
    """A model that is asked something.

    Args:
        model: its name on the server; null takes the only one the server lists.
        revision: the weights' revision, for the record and the key; null where unknown.
        server: a label that stands for the server in the key; null means scheme, host, port and path.
        api: `chat` sends messages; `completions` sends a prompt whose chat markup is in the template.
        sampling: how it samples.
    """

    model: str | None
    revision: str | None
    server: str | None
    api: Literal["chat", "completions"]
    sampling: Sampling


class Synthesize(Section):
    """Parameters of the synthesize stage.

    Args:
        roles: the models asked.
        seed: base of every request's sampling seed, together with the row id and the sample index.
    """

    roles: dict[str, Role]
    seed: int


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


class Project(Section):
    """The project-wide choices: which profile is built and who answers."""

    profile: Literal["sample", "full"]
    teacher: Literal["recorded", "endpoint"]


class Params(NamedTuple):
    """Everything the stages of one family are told: its profile's section for each stage, by the stage's name."""

    project: Project
    collect: Collect
    synthesize: Synthesize
    judge: Judge
    filter: Filter
    review: Review
    validate: Validate
    release: Release


Model = TypeVar("Model", bound=Section)


class _HasParams(Protocol):
    Params: type[Section]


_SHARED: dict[str, type[Section]] = {"review": Review, "validate": Validate, "release": Release}


def load(family: str) -> Params:
    """Read `params.yaml` and the active profile of the family's, checking every section.

    Raises:
        BuildError: a file is missing, unreadable, or says something we do not understand.
    """
    project_file, family_file = paths.root() / "params.yaml", paths.params(family)
    project = _checked(Project, _mapping(project_file), project_file, "")
    profiles = _mapping(family_file)
    if project.profile not in profiles:
        raise BuildError(
            f"no profile {project.profile!r}",
            where=family_file,
            fix=f"add it or choose another of {', '.join(map(str, profiles))}",
        )
    section = profiles[project.profile]
    if not isinstance(section, dict):
        raise BuildError(f"{project.profile} is not a mapping", where=family_file, fix="give it one key per stage")
    if unknown := [name for name in section if name not in paths.STAGES]:
        raise BuildError(_unknown_key(f"{project.profile}.{unknown[0]}", paths.STAGES), where=family_file, fix="rename it")
    sections = {}
    for stage in paths.STAGES:
        model = _SHARED.get(stage) or cast("_HasParams", families.module(family, stage)).Params
        if stage not in section:
            raise BuildError(f"{project.profile}.{stage} is missing", where=family_file, fix="add the section, {} if empty")
        sections[stage] = _checked(
            model, {} if section[stage] is None else section[stage], family_file, f"{project.profile}.{stage}."
        )
    params = Params(project, **cast("dict[str, Any]", sections))
    for stage, role in (("synthesize", "teacher"), ("judge", "judge")):
        if role not in getattr(params, stage).roles:
            what = f"{project.profile}.{stage}.roles.{role} is missing"
            raise BuildError(what, where=family_file, fix="add or rename it")
    _check_subsets(family, params, family_file)
    return params


def line(model: type[Model], value: object, where: str) -> Model:
    """Return the model of one line of a file that people write.

    Raises:
        BuildError: a key is missing, unknown or of the wrong type.
    """
    try:
        return model.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        what = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
        raise BuildError(what, where=where, fix="mend that line") from None


def _check_subsets(family: str, params: Params, where: Path) -> None:
    pools = families.pools(family)
    for source in params.collect.sources:
        if source.subset not in pools:
            raise BuildError(
                f"source {source.id} has the unknown subset {source.subset!r}",
                where=where,
                fix=f"choose one of {', '.join(pools)}",
            )


def _mapping(path: Path) -> dict[str, Any]:
    try:
        value = texts.parsed_yaml(path)
    except FileNotFoundError:
        raise BuildError("the file is missing", where=path, fix="restore it from git") from None
    if not isinstance(value, dict):
        raise BuildError("not a mapping", where=path, fix="give it keys and values")
    return value


def _checked(model: type[Model], value: object, where: Path, prefix: str) -> Model:
    try:
        return model.model_validate(value)
    except ValidationError as error:
        found = error.errors(include_url=False)
        first = next((fault for fault in found if fault["type"] == "extra_forbidden"), found[0])  # a typo is missing too
        key = prefix + ".".join(str(part) for part in first["loc"])
        if first["type"] == "extra_forbidden":
            what = _unknown_key(key, _siblings(model, first["loc"]))
        elif first["type"] == "missing":
            what = f"{key} is missing"
        else:
            what = f"{key.rstrip('.')}: {first['msg'].removeprefix('Value error, ')}"
        raise BuildError(what, where=where, fix="mend this key") from None


def _unknown_key(key: str, known: tuple[str, ...] | list[str]) -> str:
    name = key.rpartition(".")[2]
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    return f"unknown key {key}" + (f", did you mean {close[0]}?" if close else f", known are {', '.join(known)}")


def _siblings(model: type[BaseModel], location: tuple[int | str, ...]) -> list[str]:
    """Return the keys allowed where an unknown one was found, by walking the models down to it."""
    current: Any = model
    for part in location[:-1]:
        annotation = current.model_fields[part].annotation if _is_model(current) else _item(current)
        current = annotation
    return list(current.model_fields) if _is_model(current) else []


def _is_model(annotation: object) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _item(annotation: Any) -> Any:  # noqa: ANN401  (a type annotation of any shape)
    return annotation.__args__[-1]
