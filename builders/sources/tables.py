"""Where rows come from, as types: files of ours or of the Hub, or a generator, and how their columns become ours.

Changes no byte of a row.
"""

from pathlib import PurePosixPath
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    Discriminator,
    Field,
    Tag,
    field_validator,
    model_validator,
)

from builders.sources.entries import ByValue, Generated, HubFiles, Released, Sample, Template, Tokens
from builders.sources.section import Section

Format = Literal["jsonl", "json", "yaml", "csv", "tsv", "parquet", "xlsx", "xml", "text", "generated"]
EXTENSIONS: dict[str, tuple[Format, ...]] = {
    ".jsonl": ("jsonl",),
    ".ndjson": ("jsonl",),
    ".jsonlines": ("jsonl",),
    ".jl": ("jsonl",),
    ".json": ("json", "jsonl"),
    ".yaml": ("yaml",),
    ".yml": ("yaml",),
    ".csv": ("csv",),
    ".tsv": ("tsv",),
    ".tab": ("tsv",),
    ".parquet": ("parquet",),
    ".pq": ("parquet",),
    ".xlsx": ("xlsx",),
    ".xlsm": ("xlsx",),
    ".xml": ("xml",),
    ".txt": ("text", "csv", "tsv"),
}
"""How a file's name ends → the formats that such files have, the usual one first."""
STREAMS = (".gz", ".bz2", ".xz", ".zst")
PACKED = (*STREAMS, ".zip")
GLOB = frozenset("*?[")

_MAKERS = frozenset({"generator", "template"})
PLAIN, MADE, MAPPING, TOKENS, RELEASED = "(plain)", "(made)", "(mapping)", "(tokens)", "(released)"
"""Where a key may hold a plain value or a mapping: which of them it is. The usual mapping is the last of a union's members."""
INHERITED = "LicenseRef-inherited"
"""The licence of a source whose rows have their own."""


def _shape(value: object) -> str:
    if isinstance(value, Tokens) or (isinstance(value, dict) and "tokens" in value):
        return TOKENS
    if isinstance(value, Released) or (isinstance(value, dict) and "release" in value):
        return RELEASED
    if isinstance(value, Generated | Template) or (isinstance(value, dict) and not _MAKERS.isdisjoint(value)):
        return MADE
    return MAPPING if isinstance(value, dict | Section) else PLAIN


def _below(name: str) -> str:
    if not name or "\\" in name or name.startswith("/") or ".." in name.split("/"):
        message = "name a file, a folder or a pattern such as shards/*.jsonl below the folder, with / between its parts"
        raise ValueError(message)
    return name


_Name = Annotated[str, Field(max_length=240), AfterValidator(_below)]
File = Annotated[
    Annotated[_Name, Tag(PLAIN)]
    | Annotated[Generated, Tag(MADE)]
    | Annotated[Released, Tag(RELEASED)]
    | Annotated[HubFiles, Tag(MAPPING)],
    Discriminator(_shape),
]
Column = Annotated[
    Annotated[str, Tag(PLAIN)] | Annotated[Template, Tag(MADE)] | Annotated[ByValue, Tag(MAPPING)], Discriminator(_shape)
]
Limit = Annotated[
    Annotated[int | None, Field(ge=1), Tag(PLAIN)] | Annotated[Tokens, Tag(TOKENS)] | Annotated[Sample, Tag(MAPPING)],
    Discriminator(_shape),
]


class Table(Section):
    """Where rows stand, and how their columns become ours.

    Args:
        file: a file inside `raw/<family>/sources/`, a folder there or a pattern such as `shards/*.jsonl`; or files of a Hugging
            Face dataset, or rows that the family makes, or those of a release of another family. Files may be packed (gz, bz2,
            xz, zst, zip), whatever their name.
        format: how the file is written, told from its name where that is left out; `generated` for rows that the family makes.
        columns: our column → the file's column, or one chosen by a value, or a template over several; `key` names the file's
            own row key.
        each: a column of the file that holds a list, each item of which makes a row of its own, with the item in the list's
            place, and an empty list one without a value; null where there is none.
        only: the file's column → the values that make a row one of the table's, as text (`"true"`, `"3"`), or how they begin
            (`MathV-360k/*`); null takes every row.
        record: of xml, the element that makes a row, as a path such as `QAPairs/QAPair`; of json and yaml, the keys under which
            the rows are; null where they can be found without.
        quoting: of csv and tsv, `none` where a quotation mark is a letter like any other, `backslash` where one within a field
            has a backslash before it.
        delimiter: of csv and tsv, what is between columns where it is neither a comma nor a tab.
        header: of csv, tsv and xlsx, the names of the columns where the file has no row of names.
        sheet: of xlsx, the sheet's name; null takes the first.
        fetch: what brings the file here, for the message where it is missing; null where a README says it.
        folder: where the file is: `sources`, or `own` for what you bring; left out: `own` in the profile of that name, and
            there `sources` too if `own` has no such file.
    """

    file: File
    format: Format
    columns: dict[str, Column]
    each: str | None = None
    only: Annotated[dict[str, list[str]], Field(min_length=1)] | None = None
    record: str | None = None
    quoting: Literal["standard", "none", "backslash"] = "standard"
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    header: Annotated[list[str], Field(min_length=1)] | None = None
    sheet: str | None = None
    fetch: str | None = None
    folder: Literal["sources", "own"] = "sources"

    @model_validator(mode="before")
    @classmethod
    def _format_by_its_name(cls, value: Any) -> Any:  # noqa: ANN401  (whatever is in the file)
        if isinstance(value, dict) and _shape(value.get("file")) == RELEASED:
            return {"format": "parquet", **value}
        if not isinstance(value, dict) or value.get("format") is not None or not isinstance(value.get("file"), str):
            return value
        found = EXTENSIONS.get(ending(value["file"]))
        return {**value, "format": found[0]} if found else value

    @model_validator(mode="after")
    def _made_or_written(self) -> "Table":
        if (self.format == "generated") != isinstance(self.file, Generated):
            message = "format: generated goes with a file that names a generator, and with no other"
            raise ValueError(message)
        if isinstance(self.file, Released) and self.format != "parquet":
            message = "a release is in Parquet files: leave format out"
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


def ending(name: str) -> str:
    """Return how the name of a file ends, apart from that of a packed one."""
    path = PurePosixPath(name.lower())
    return PurePosixPath(path.stem).suffix if path.suffix in PACKED else path.suffix


class Source(Table):
    """A file of prompts.

    Args:
        id: name of the source; part of every row's id, so renaming it renames the rows.
        file: see `Table`, as are `format`, `columns`, `each` and `only`; without a key, the prompt is the key.
        license: SPDX identifier of its licence, carried to every row; rows of a release have their own, and it is left out.
        subset: the family's subset that its rows belong to.
        constants: our column → a value that every row of the file gets.
        values: our column → {the file's value → ours}; a value not listed stays as it is.
        limit: take the first so many rows, or as many as so many tokens hold, or draw some; null takes all.
        answers: `symbolic` where the family answers its rows itself, whatever `teacher` is; null: the teacher does.
    """

    id: str = Field(pattern=r"^[a-z0-9_]+$")
    license: str = Field(min_length=1)
    subset: str
    constants: dict[str, str] = Field(default_factory=dict)
    values: dict[str, dict[str, str]] = Field(default_factory=dict)
    limit: Limit = None
    answers: Literal["symbolic"] | None = None

    @model_validator(mode="before")
    @classmethod
    def _inherits_its_licence(cls, value: Any) -> Any:  # noqa: ANN401  (whatever is in the file)
        if isinstance(value, dict) and _shape(value.get("file")) == RELEASED:
            if value.get("license", INHERITED) != INHERITED:
                message = "rows of a release have their own licence: leave license out"
                raise ValueError(message)
            return {**value, "license": INHERITED}
        return value

    @property
    def label(self) -> str:
        """What messages call it."""
        return f"source {self.id}"

    @property
    def own(self) -> bool:
        """Whether its rows are somebody's own, brought to the profile `own`."""
        return self.folder == "own"

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
