"""State checks: what must hold in a box after an episode, declared and never executed as code of ours.

A check is a probe, a command that is run in the box, and a comparison of what it prints, here. Example checks:

    {"kind": "command", "command": "cat lab/status", "exit_code": 0, "include": ["ready"], "exclude": ["error"]}
    {"kind": "file", "path": "/home/agent/lab/rules.conf", "mode": "0600", "owner": "agent"}
    {"kind": "json", "path": "/home/agent/lab/limits.json", "at": "$.queues[0].size", "equals": 12}
"""

from typing import Any, Literal

import orjson
import regex
from pydantic import Field, JsonValue, field_validator, model_validator

from builders.sandbox.box import CommandResult
from builders.sources.section import Section

_REGEX_SECONDS = 2.0
_STEP = regex.compile(r"\.(?P<name>[A-Za-z_][\w-]*)|\['(?P<quoted>[^']+)'\]|\[(?P<place>\d+)\]")
_FACTS = r"""
[ -e "$1" ] || [ -L "$1" ] || exit 3
find "$1" -maxdepth 0 -printf '%y %m %u\n'
[ -f "$1" ] && [ ! -L "$1" ] && sha256sum <"$1"
exit 0
"""
_CONTENT = '[ -f "$1" ] && [ ! -L "$1" ] && cat "$1"'
_KINDS = {"f": "file", "d": "folder"}


class Command(Section):
    """What a command in the box prints, and how it ends; every condition given must hold.

    Args:
        command: run by `sh -c` in the agent's home.
        exit_code: how it ends.
        include: texts that its output has.
        exclude: texts that its output has not; alone they prove nothing, for a command that fails prints none of them.
        exact: its output, but for white space at both ends.
        regex: found somewhere in its output.
    """

    kind: Literal["command"]
    command: str = Field(min_length=1)
    exit_code: int | None = None
    include: list[str] = Field(default_factory=list)
    exclude: list[str] = Field(default_factory=list)
    exact: str | None = None
    regex: str | None = None

    @field_validator("regex")
    @classmethod
    def _compiles(cls, pattern: str | None) -> str | None:
        try:
            regex.compile(pattern or "")
        except regex.error as error:
            message = f"no regular expression: {error}"
            raise ValueError(message) from None
        return pattern

    @model_validator(mode="after")
    def _says_something(self) -> "Command":
        if self.exit_code is None and not self.include and self.exact is None and self.regex is None:
            message = "give exit_code, include, exact or regex"
            raise ValueError(message)
        return self

    @property
    def probe(self) -> list[str]:
        """The command that is run in the box."""
        return ["sh", "-c", self.command]

    def holds(self, done: CommandResult) -> bool:
        """Tell whether the check is met."""
        text = done.stdout
        wanted = [self.exit_code is None or done.exit_code == self.exit_code, done.exit_code is not None]
        wanted += [part in text for part in self.include]
        wanted += [part not in text for part in self.exclude]
        wanted += [self.exact is None or text.strip() == self.exact.strip()]
        return all(wanted) and (self.regex is None or _found(self.regex, text))


class File(Section):
    """A file or folder of the box; every condition given must hold. A link is neither.

    Args:
        path: where it is.
        exists: whether it is there; if it must not be, nothing else can be asked.
        sha256: hash of its content.
        mode: its permissions, octal, such as `0640`.
        owner: the name of its owner.
    """

    kind: Literal["file"]
    path: str = Field(min_length=1)
    exists: bool = True
    sha256: str | None = Field(default=None, pattern="^[0-9a-f]{64}$")
    mode: str | None = Field(default=None, pattern="^[0-7]{3,4}$")
    owner: str | None = None

    @model_validator(mode="after")
    def _is_possible(self) -> "File":
        if not self.exists and (self.sha256 or self.mode or self.owner):
            message = "a file that must not be there has no hash, mode or owner"
            raise ValueError(message)
        return self

    @property
    def probe(self) -> list[str]:
        """The command that is run in the box."""
        return ["sh", "-c", _FACTS, "facts", self.path]

    def holds(self, done: CommandResult) -> bool:
        """Tell whether the check is met."""
        if done.exit_code != 0:
            return done.exit_code == _ABSENT and not self.exists
        facts, _, content = done.stdout.partition("\n")
        kind, mode, owner = facts.split(" ")
        return (
            self.exists
            and kind in _KINDS
            and (self.mode is None or int(mode, 8) == int(self.mode, 8))
            and (self.owner is None or owner == self.owner)
            and (self.sha256 is None or content.split(" ")[0] == self.sha256)
        )


class Json(Section):
    """A value in a JSON file of the box.

    Args:
        path: the file.
        at: the value's place: `$`, then `.name`, `['any name']` or `[0]`, as often as needed.
        equals: what it must be; 1 and 1.0 are one number, true is none.
    """

    kind: Literal["json"]
    path: str = Field(min_length=1)
    at: str
    equals: JsonValue

    @field_validator("at")
    @classmethod
    def _is_path(cls, at: str) -> str:
        steps(at)
        return at

    @property
    def probe(self) -> list[str]:
        """The command that is run in the box."""
        return ["sh", "-c", _CONTENT, "content", self.path]

    def holds(self, done: CommandResult) -> bool:
        """Tell whether the check is met."""
        try:
            value = orjson.loads(done.stdout)
            for step in steps(self.at):
                value = _inside(value, step)
        except (orjson.JSONDecodeError, LookupError):
            return False
        return orjson.dumps(_number(value)) == orjson.dumps(_number(self.equals))


Check = Command | File | Json
_ABSENT = 3


def steps(at: str) -> list[str | int]:
    """Return the names and places that a JSON path goes through.

    Raises:
        ValueError: it is not a path.
    """
    found: list[str | int] = []
    position = 1
    while position < len(at) or not at.startswith("$"):
        step = _STEP.match(at, position) if at.startswith("$") else None
        if step is None:
            message = f"no JSON path from character {position} on: $, then .name, ['name'] or [0]"
            raise ValueError(message)
        found.append(int(step["place"]) if step["place"] is not None else step["name"] or step["quoted"])
        position = step.end()
    return found


def _inside(value: Any, step: str | int) -> Any:  # noqa: ANN401  (any JSON value)
    if isinstance(value, dict) and isinstance(step, str):
        return value[step]
    if isinstance(value, list) and isinstance(step, int):
        return value[step]
    raise LookupError


def _found(pattern: str, text: str) -> bool:
    """Search, for as long as a pattern of decent growth takes: a task's pattern must not stop a build."""
    try:
        return regex.search(pattern, text, timeout=_REGEX_SECONDS) is not None
    except TimeoutError:
        return False


def _number(value: JsonValue) -> JsonValue:
    """Return the value with floats that are whole numbers as integers, and names in order."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {name: _number(value[name]) for name in sorted(value)}
    return [_number(item) for item in value] if isinstance(value, list) else value
