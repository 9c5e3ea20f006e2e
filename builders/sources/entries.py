"""What stands under a key of a table where a plain value does not do: files, a release, a generator, a template, a draw.

Changes no byte of a row.
"""

import re
from typing import Annotated, Literal

import jinja2
import jinja2.meta
from pydantic import (
    Field,
    JsonValue,
    field_validator,
    model_validator,
)

from builders.sources.section import Section

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


class Released(Section):
    """Rows of a release of another family: this checkout's, unless a folder or a repository of the Hub is named.

    Args:
        release: the family.
        configs: whose rows are read, in this order.
        splits: which of the release's splits; what another one holds is for testing, and stays apart.
        folder: the folder of a published version.
        hub: the dataset's id, `<namespace>/<name>`.
        revision: the commit's 40 hex digits.
    """

    release: str = Field(pattern=r"^[a-z0-9_]+$")
    configs: list[Annotated[str, Field(pattern=r"^[a-z0-9_]+$")]] = Field(min_length=1)
    splits: list[Literal["train", "validation", "test"]] = Field(default=["train"], min_length=1)
    folder: str | None = Field(default=None, min_length=1, pattern=r"^[[:print:]]+$")
    hub: str | None = None
    revision: str | None = None

    @model_validator(mode="after")
    def _in_one_place(self) -> "Released":
        if self.folder is not None and self.hub is not None:
            message = "a release is in a folder or on the Hub: name one"
            raise ValueError(message)
        if self.hub is not None:
            HubFiles(hub=self.hub, revision=self.revision, paths=["manifest.json"])
        elif self.revision is not None:
            message = "a revision is of a repository of the Hub: name it under hub"
            raise ValueError(message)
        return self

    @property
    def is_local(self) -> bool:
        """Whether it is this checkout's."""
        return self.folder is None and self.hub is None


class Generated(Section):
    """Rows that the family makes itself, any number of them: a larger run starts with the same rows as a smaller one.

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
        """The file's columns that are in it."""
        environment = jinja2.Environment(autoescape=False)  # noqa: S701
        return sorted(jinja2.meta.find_undeclared_variables(environment.parse(self.template)) - set(environment.globals))


class Sample(Section):
    """Rows drawn at random, evenly over the values of one column; a larger sample contains every smaller one.

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
