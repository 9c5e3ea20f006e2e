"""The values at the top of modules, which rules go by, and what arguments and fields are where they are left out, a line each.

A changed number or word of a table is to be seen in the change that makes it. Each is told as it is in a process that has
only imported it: some are filled as a build goes on.
"""

import ast
import dataclasses
import hashlib
import importlib
import inspect
import pkgutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import is_dataclass
from enum import Enum
from fractions import Fraction
from functools import partial
from pathlib import Path
from types import ModuleType, UnionType
from typing import Any

import builders
from tests.harness import PROJECT, Workspace

FILE = PROJECT / "tests" / "data" / "values.txt"
_APART = ("builders.reviewing.server", "builders.reviewing.argilla", "builders.families.cot2.tensors")
"""Modules that cannot be imported here: they run in Argilla, or with torch."""
_MACHINE = {"os", "platform", "shutil", "sys", "tempfile", "time"}
_LONGEST = 300
_OURS = PROJECT / "builders"


def told() -> list[str]:
    """Return the lines, as a process of its own has them."""
    done = Workspace(PROJECT).python("-c", "from tests import values; values.main()")
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def main() -> None:
    """Print the lines."""
    for line in _lines():
        sys.stdout.write(f"{line}\n")


def _lines() -> Iterator[str]:
    found = sorted(each.name for each in pkgutil.walk_packages(builders.__path__, "builders."))
    for name in found:
        if not name.startswith(_APART) and not name.endswith("__main__"):
            module = importlib.import_module(name)
            short = name.removeprefix("builders.")
            for value, text in (*_values(module), *_defaults(module)):
                yield f"{short}.{value} {_shortened(text)}"


def _values(module: ModuleType) -> Iterator[tuple[str, str]]:
    """Give the values that are written at the top of a module, by name."""
    for node in ast.parse(Path(str(module.__file__)).read_bytes()).body:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        names = [name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name)]
        if _is_of_this_machine(node):
            continue
        for name in names:
            if hasattr(module, name) and not _is_kind(value := getattr(module, name)):
                yield f"{name} =", _text(value)


def _is_of_this_machine(node: ast.AST) -> bool:
    return any(isinstance(name, ast.Name) and name.id in _MACHINE for name in ast.walk(node))


def _is_kind(value: object) -> bool:
    """Tell whether it is no value but a name for others: a function, or what values may be."""
    return isinstance(value, type | UnionType) or inspect.isroutine(value) or "Alias" in type(value).__name__


def _defaults(module: ModuleType) -> Iterator[tuple[str, str]]:
    """Give what arguments of functions, and fields of classes, are where they are left out."""
    for name, value in sorted(vars(module).items()):
        if getattr(value, "__module__", None) != module.__name__:
            continue
        if inspect.isfunction(value):
            yield from _arguments(name, inspect.unwrap(value))
        elif inspect.isclass(value):
            if schema := getattr(value, "model_json_schema", None):
                yield f"{name} ~", _text(_bare(schema()))
            for field, default in getattr(value, "_field_defaults", {}).items():
                yield f"{name}.{field} =", _text(default)
            for method, function in sorted(vars(value).items()):
                yield from _arguments(f"{name}.{method}", inspect.unwrap(getattr(function, "__func__", function)))


def _arguments(name: str, function: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401
    if inspect.isfunction(function) and function.__code__.co_filename.startswith((str(_OURS), "<string>")):
        for parameter in inspect.signature(function).parameters.values():
            if parameter.default is not parameter.empty:
                yield f"{name}({parameter.name})", _text(parameter.default)


def _bare(schema: Any) -> Any:  # noqa: ANN401  (a JSON Schema)
    """Return a schema without what describes it."""
    if isinstance(schema, dict):
        return {name: _bare(value) for name, value in schema.items() if name not in {"description", "title"}}
    return [_bare(value) for value in schema] if isinstance(schema, list) else schema


def _shortened(text: str) -> str:
    if len(text) <= _LONGEST:
        return text
    return f"{text[: _LONGEST // 2]}... {len(text)} characters, sha256 {hashlib.sha256(text.encode()).hexdigest()[:16]}"


def _text(value: Any) -> str:  # noqa: ANN401  (whatever a module holds)
    """Say what a value is, whatever the order of its sets and the place of the checkout."""
    if isinstance(value, Enum | type) or callable(value):
        named = getattr(value, "__qualname__", None) or getattr(value, "name", None) or type(value).__name__
        return f"{_text(value.func)}{_text(value.args)}{_text(value.keywords)}" if isinstance(value, partial) else str(named)
    if type(value).__name__ == "Pattern":  # of re, or of the package regex
        return f"{type(value).__module__} {value.pattern!r} {int(value.flags)}"
    if isinstance(value, str | bytes | int | float | Fraction | range | None):
        return repr(value)
    return _composed(value)


def _composed(value: Any) -> str:  # noqa: ANN401
    if (fields := _fields(value)) is not None:
        return f"{type(value).__name__}{_text(fields)}"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_text(key)}: {_text(item)}" for key, item in value.items()) + "}"
    if isinstance(value, set | frozenset):
        return "{" + ", ".join(sorted(map(_text, value))) + "}"
    if isinstance(value, list | tuple):
        return "(" + ", ".join(map(_text, value)) + ")"
    return str(value).replace(str(PROJECT), "") if isinstance(value, Path) else type(value).__name__


def _fields(value: Any) -> dict[str, Any] | None:  # noqa: ANN401
    """Return what a value with named fields holds."""
    if hasattr(value, "_asdict"):
        return dict(value._asdict())
    if hasattr(value, "model_dump"):
        return dict(value.model_dump(exclude_unset=True))
    return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)} if is_dataclass(value) else None


if __name__ == "__main__":
    FILE.write_text("".join(f"{line}\n" for line in told()), encoding="utf-8")
