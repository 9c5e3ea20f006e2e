"""What params may say, setting by setting: its bounds, and what it is where it may be left out.

    python -m tests.settings      # where a setting was meant to change

Params are what others write, and decide about bytes: a bound that moves refuses what was right, or takes what was wrong.
"""

import importlib
import re
from collections.abc import Iterator
from pathlib import Path

from pydantic.fields import FieldInfo

from builders.sources.section import Section
from tests.harness import PROJECT

FILE = PROJECT / "tests" / "data" / "settings.txt"
_CLASS = re.compile(r"^class (\w+)\(([^)]*)\):$", re.MULTILINE)
_FUNCTION = re.compile(r"<(?:function|bound method) ([\w.<>]+)(?: of .*?)? at 0x[0-9a-f]+>")
_BOUND = re.compile(r"\b(?:Literal\[[^\]]*\]|(?:Ge|Gt|Le|Lt|MinLen|MaxLen|AfterValidator)\([^)]*\))")


def described() -> list[str]:
    """Return a line for each setting of each section of ours."""
    modules = _defining()
    for module in sorted(modules):
        importlib.import_module(module)
    sections = {section for section in _below(Section) if section.__module__ in modules}  # families for tests are beside them
    return sorted(
        f"{section.__module__.removeprefix('builders.')}.{section.__name__}.{name}: {line(field)}"
        for section in sections
        for name, field in section.model_fields.items()
    )


def _defining() -> set[str]:
    """Return the modules that define a section, by their names: one that nobody has imported yet defines none."""
    classes = [
        (_named(path.relative_to(PROJECT)), found[1], {base.rpartition(".")[2].strip() for base in found[2].split(",")})
        for path in PROJECT.joinpath("builders").rglob("*.py")
        for found in _CLASS.finditer(path.read_text(encoding="utf-8"))
    ]
    known, before = {Section.__name__}, 0
    while len(known) > before:
        before = len(known)
        known |= {name for _, name, bases in classes if bases & known}
    return {module for module, _, bases in classes if bases & known}


def _named(path: Path) -> str:
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


def _below(section: type[Section]) -> Iterator[type[Section]]:
    for one in section.__subclasses__():
        yield one
        yield from _below(one)


def line(field: FieldInfo) -> str:
    """Return what may stand there, and what does where nothing stands."""
    within = _BOUND.findall(_FUNCTION.sub(r"\1", str(field.annotation)))
    bounds = [_FUNCTION.sub(r"\1", str(bound)) for bound in field.metadata]
    left_out = [] if field.is_required() else [f"or {field.get_default(call_default_factory=True)!r}"]
    return " ".join([*within, *bounds, *left_out]) or "given"


def main() -> None:
    """Write the file anew."""
    FILE.write_text("\n".join(described()) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
