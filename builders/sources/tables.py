"""Where rows come from, as types: files of ours or of the Hub, or a generator, and how their columns become ours.

Changes no byte of a row.
"""

import re
from typing import Annotated, Literal

import jinja2
import jinja2.meta
from pydantic import BaseModel, ConfigDict, Discriminator, Field, JsonValue, Tag, field_validator, model_validator

Format = Literal["jsonl", "json", "yaml", "csv", "tsv", "parquet", "generated"]

_MAKERS = frozenset({"generator", "template"})
PLAIN, MADE, FOLDER, MAPPING = "(plain)", "(made)", "(folder)", "(mapping)"
"""Where a key may hold a plain value or a mapping: which of them it is. The usual mapping is the last of a union's members."""


class Section(BaseModel):
    """A part of a params file: immutable, no unknown keys, no silent conversion of types."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


def _shape(value: object) -> str:
    if isinstance(value, Generated | Template) or (isinstance(value, dict) and not _MAKERS.isdisjoint(value)):
        return MADE
    if isinstance(value, Folder) or (isinstance(value, dict) and "folder" in value):
        return FOLDER
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


class Folder(Section):
    """Files of a folder that somebody filled: of a dataset whose commit no public page names, or that is on no Hub.

    Args:
        folder: inside `raw/<family>/sources/`.
        paths: files below it, or patterns of such (`*` stands for any characters but a slash), read in this order; those of one
            pattern in the order of their names.
        fetch: what fills the folder, for the message where a file is missing.
    """

    folder: str = Field(pattern=r"^[A-Za-z0-9._-]+$")
    paths: list[Annotated[str, Field(pattern=r"^[^/\\][^\\]*$")]] = Field(min_length=1)
    fetch: str

    @field_validator("paths")
    @classmethod
    def _below(cls, paths: list[str]) -> list[str]:
        if out := [path for path in paths if ".." in path.split("/")]:
            message = f"{out[0]} leads out of the folder"
            raise ValueError(message)
        return paths


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


class Template(Section):
    """A text made from several of the file's columns, or from a part of one.

    Args:
        template: Jinja, with the file's columns as variables, such as `{{ input[0].content }}`; a row that lacks one of
            them gets nothing here.
    """

    template: str = Field(min_length=1)

    @field_validator("template")
    @classmethod
    def _compiles(cls, template: str) -> str:
        try:
            jinja2.Environment(autoescape=False).compile(template)  # noqa: S701  (text for models, not HTML)
        except jinja2.TemplateSyntaxError as error:
            message = f"no Jinja template: {error.message}"
            raise ValueError(message) from None
        return template

    @property
    def names(self) -> list[str]:
        """The file's columns that stand in it."""
        environment = jinja2.Environment(autoescape=False)  # noqa: S701
        return sorted(jinja2.meta.find_undeclared_variables(environment.parse(self.template)) - set(environment.globals))


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
    Annotated[_Name, Tag(PLAIN)]
    | Annotated[Generated, Tag(MADE)]
    | Annotated[Folder, Tag(FOLDER)]
    | Annotated[HubFiles, Tag(MAPPING)],
    Discriminator(_shape),
]
Column = Annotated[
    Annotated[str, Tag(PLAIN)] | Annotated[Template, Tag(MADE)] | Annotated[ByValue, Tag(MAPPING)], Discriminator(_shape)
]
Limit = Annotated[
    Annotated[int | None, Field(ge=1), Tag(PLAIN)] | Annotated[Sample, Tag(MAPPING)],
    Discriminator(_shape),
]


class Table(Section):
    """Where rows stand, and how their columns become ours.

    Args:
        file: file name inside `raw/<family>/sources/`, or files of a folder there, or of a Hugging Face dataset, or rows that
            the family makes.
        format: how the file is written; `generated` for rows that the family makes.
        columns: our column → the file's column, or one chosen by a value, or a template over several; `key` names the file's
            own row key.
        each: a column of the file that holds a list, each item of which makes a row of its own, with the item in the list's
            place; null where there is none.
        only: the file's column → the values that make a row one of the table's, as text (`"true"`, `"3"`), or how they begin
            (`MathV-360k/*`); null takes every row.
    """

    file: File
    format: Format
    columns: dict[str, Column]
    each: str | None
    only: Annotated[dict[str, list[str]], Field(min_length=1)] | None

    @model_validator(mode="after")
    def _made_or_written(self) -> "Table":
        if (self.format == "generated") != isinstance(self.file, Generated):
            message = "format: generated goes with a file that names a generator, and with no other"
            raise ValueError(message)
        return self

    @property
    def read(self) -> list[str]:
        """The file's columns that are read."""
        wanted = [*([self.each] if self.each else []), *(self.only or {})]
        for column in self.columns.values():
            if isinstance(column, Template):
                wanted += column.names
            else:
                wanted += [column.by, *column.columns.values()] if isinstance(column, ByValue) else [column]
        return wanted


class Source(Table):
    """A file of prompts.

    Args:
        id: name of the source; part of every row's id, so renaming it renames the rows.
        file: see `Table`, as are `format`, `columns`, `each` and `only`; without a key, the prompt is the key.
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


class EvaluationSet(Table):
    """A file of prompts that models are evaluated with, read whole.

    Args:
        name: what evidence and counts call it.
        file: see `Table`, as are `format`, `each`, `only` and `columns`: `prompt`, and `key` where the file has one.
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
