"""A sealed file: the replies of one release, to be handed on, and proof that nothing in it was changed on the way.

It is JSON Lines under zstd (`zstd -dc` shows them): a header, then in the order in which the release asked for them what
requests share (`about`, a place that later lines may fill anew), replies, and failures; then the better texts of reviewers
that are in no other file; then source files, each followed by its parts if its licence lets it travel. The last line is the
seal, in a zstd frame of its own: the sha256 of every byte of the file before that frame. Nothing in the bytes depends on when
or where they were written, but on the version of zstd.

Changes no byte of a row.
"""

from typing import Annotated, Any, NamedTuple

import orjson
from pydantic import Field, field_validator, model_validator

from builders import records
from builders.ledger.store import Entry
from builders.sources.section import Section

FORMAT = "tracewright ledger 1"
PLACES = 64
"""For what requests share."""

_OUTSIDE = frozenset("/\\\0")
_LONGEST_NAME = 200
"""Bytes: a file is written under a longer name first."""

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Answerer(Section):
    """Who answered for a role: see `builders.teachers.Identity`."""

    server: str
    model: str
    revision: str | None


class Header(Section):
    """What was sealed.

    Args:
        family: whose replies these are.
        profile: the profile that was built.
        tracewright: the version that wrote the file.
        release: sha256 of the release's `SHA256SUMS`, which holds that of every file.
        made_with: sha256 of each part of the checkout that decides about the release's bytes, by its name.
        answerers: who answered, by role.
    """

    family: str
    profile: str
    tracewright: str
    release: Sha256
    made_with: dict[str, Sha256]
    answerers: dict[str, Answerer]


class SealedReply(NamedTuple):
    """A reply, by the sha256 of its whole request."""

    key: str
    entry: Entry


class Failure(NamedTuple):
    """Why a request got no reply: the evidence, as JSON, by the sha256 of the whole request."""

    key: str
    evidence: bytes


class Edit(NamedTuple):
    """A better text of a reviewer, by its sha256, of a family whose decisions hold no text."""

    sha256: str
    text: str


class SourceFile(Section):
    """A file of the release's sources; its bytes follow if it is inside.

    Args:
        source: its name.
        sha256: of its bytes.
        license: as params have it.
        inside: how many bytes follow; None where the licence is not known to let them travel.
    """

    source: str
    sha256: Sha256
    license: str
    inside: int | None = Field(ge=0)

    @field_validator("source")
    @classmethod
    def _stays_in_its_folder(cls, name: str) -> str:
        if not name or name.startswith(".") or not name.isprintable() or not _OUTSIDE.isdisjoint(name):
            raise ValueError("no file name")
        if len(name.encode(errors="replace")) > _LONGEST_NAME:
            raise ValueError("no file name")
        return name


class Part(NamedTuple):
    """Some bytes of the source before."""

    content: bytes


Content = SealedReply | Failure | Edit | SourceFile | Part


class Opening(Section):
    """The first line."""

    format: str
    header: Any


class About(Section):
    """What requests share, and the place under which replies name it."""

    about: int = Field(ge=0, lt=PLACES)
    body: Any


class Reply(Section):
    """A reply as it is in the file."""

    reply: Sha256
    about: int
    own: Any
    said: dict[str, Any]

    @field_validator("said")
    @classmethod
    def _has_text(cls, value: dict[str, Any]) -> dict[str, Any]:
        if not all(isinstance(value.get(name, 0), str | None) for name in ("content", "finish_reason")):
            raise ValueError("no reply")
        return value


class Failed(Section):
    """A request that got no reply, as it is in the file."""

    failure: Sha256
    evidence: dict[str, Any]


class Edited(Section):
    """A better text of a reviewer, as it is in the file."""

    edit: Sha256
    text: str

    @model_validator(mode="after")
    def _is_named_by_its_hash(self) -> "Edited":
        if records.text_digest(self.text) != self.edit:
            raise ValueError("another text")
        return self


class Bytes(Section):
    """Some bytes of the source before, in base64."""

    part: str


KINDS: dict[str, type[Section]] = {
    "about": About,
    "reply": Reply,
    "failure": Failed,
    "edit": Edited,
    "source": SourceFile,
    "part": Bytes,
}
"""The first key of a line → what the line is."""


def seal(sha256: str) -> bytes:
    """Return the seal as a zstd frame that holds it as it is (RFC 8878, section 3.1.1): its bytes depend on no library."""
    line = orjson.dumps({"seal": sha256}) + b"\n"
    magic, one_segment, last_block = b"\x28\xb5\x2f\xfd", b"\x20", (len(line) << 3 | 1).to_bytes(3, "little")
    return magic + one_segment + bytes([len(line)]) + last_block + line
