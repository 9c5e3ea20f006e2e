"""Where rows come from, as types: files of ours or of the Hub, or a generator, and how their columns become ours.

Changes no byte of a row.
"""

import re
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal

import jinja2
import jinja2.meta
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

Format = Literal["jsonl", "json", "yaml", "csv", "tsv", "parquet", "xlsx", "xml", "text", "generated"]
EXTENSIONS: dict[str, tuple[Format, ...]] = {
    ".jsonl": ("jsonl",),
    ".ndjson": ("jsonl",),
    ".json": ("json", "jsonl"),
    ".yaml": ("yaml",),
    ".yml": ("yaml",),
    ".csv": ("csv",),
    ".tsv": ("tsv",),
    ".tab": ("tsv",),
    ".parquet": ("parquet",),
    ".xlsx": ("xlsx",),
    ".xlsm": ("xlsx",),
    ".xml": ("xml",),
    ".txt": ("text", "csv", "tsv"),
}
"""How a file's name ends → the formats that such files have, the usual one first."""
PACKED = (".gz", ".bz2", ".xz", ".zst", ".zip")
GLOB = frozenset("*?[")

_MAKERS = frozenset({"generator", "template"})
PLAIN, MADE, MAPPING, TOKENS = "(plain)", "(made)", "(mapping)", "(tokens)"
"""Where a key may hold a plain value or a mapping: which of them it is. The usual mapping is the last of a union's members."""


class Section(BaseModel):
    """A part of a params file: immutable, no unknown keys, no silent conversion of types."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


def _shape(value: object) -> str:
    if isinstance(value, Tokens) or (isinstance(value, dict) and "tokens" in value):
        return TOKENS
    if isinstance(value, Generated | Template) or (isinstance(value, dict) and not _MAKERS.isdisjoint(value)):
        return MADE
    return MAPPING if isinstance(value, dict | Section) else PLAIN


_LONGEST_HUB = 96


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

    @field_validator("hub")
    @classmethod
    def _is_a_repository(cls, hub: str) -> str:
        fits = len(hub) <= _LONGEST_HUB and not re.search(r"--|\.\.|\.git$|(?:^|/)[.-]|[.-](?:/|$)", hub)
        if not fits:
            message = f"{hub[:_LONGEST_HUB]!r} is not the name of a repository as the Hub allows it"
            raise ValueError(message)
        return hub

    @field_validator("paths")
    @classmethod
    def _lie_inside(cls, paths: list[str]) -> list[str]:
        for path in paths:
            if not path.isprintable() or ".." in path.split("/") or not path.strip("/ ") or path.startswith("/"):
                message = f"{path[:80]!r} is not a file of a repository"
                raise ValueError(message)
        return paths

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
        except (SyntaxError, RecursionError, MemoryError):
            message = "no Jinja template: too deep"
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


class Tokens(Section):
    """As many rows as fit into a number of tokens, from the first on.

    Args:
        tokens: of what the columns of params take from a row, its key aside; a token is taken for four bytes of UTF-8.
        rows: no more rows than so many, however short; null: any number.
    """

    tokens: int = Field(ge=1)
    rows: int | None = Field(default=None, ge=1)


def _below(name: str) -> str:
    if not name or "\\" in name or name.startswith("/") or ".." in name.split("/"):
        message = "name a file, a folder or a pattern such as shards/*.jsonl below the folder, with / between its parts"
        raise ValueError(message)
    return name


_Name = Annotated[str, Field(max_length=240), AfterValidator(_below)]
File = Annotated[
    Annotated[_Name, Tag(PLAIN)] | Annotated[Generated, Tag(MADE)] | Annotated[HubFiles, Tag(MAPPING)], Discriminator(_shape)
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
            Face dataset, or rows that the family makes. Files may be packed (gz, bz2, xz, zst, zip), whatever their name.
        format: how the file is written, told from its name where that is left out; `generated` for rows that the family makes.
        columns: our column → the file's column, or one chosen by a value, or a template over several; `key` names the file's
            own row key.
        each: a column of the file that holds a list, each item of which makes a row of its own, with the item in the list's
            place; null where there is none.
        only: the file's column → the values that make a row one of the table's, as text (`"true"`, `"3"`), or how they begin
            (`MathV-360k/*`); null takes every row.
        record: of xml, the element that makes a row, as a path such as `QAPairs/QAPair`; of json and yaml, the keys under which
            the rows are; null where they can be found without.
        quoting: of csv and tsv, `none` where a quotation mark is a letter like any other.
        delimiter: of csv and tsv, what is between columns where it is neither a comma nor a tab.
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
    quoting: Literal["standard", "none"] = "standard"
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    sheet: str | None = None
    fetch: str | None = None
    folder: Literal["sources", "own"] = "sources"

    @model_validator(mode="before")
    @classmethod
    def _told_by_its_name(cls, given: Any) -> Any:  # noqa: ANN401  (whatever stands in the file)
        if not isinstance(given, dict) or given.get("format") is not None or not isinstance(given.get("file"), str):
            return given
        found = EXTENSIONS.get(ending(given["file"]))
        return {**given, "format": found[0]} if found else given

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


def ending(name: str) -> str:
    """Return how the name of a file ends, apart from that of a packed one."""
    path = PurePosixPath(name.lower())
    return PurePosixPath(path.stem).suffix if path.suffix in PACKED else path.suffix


class Source(Table):
    """A file of prompts.

    Args:
        id: name of the source; part of every row's id, so renaming it renames the rows.
        file: see `Table`, as are `format`, `columns`, `each` and `only`; without a key, the prompt is the key.
        license: SPDX identifier of its licence, carried to every row.
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
