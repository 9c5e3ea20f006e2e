"""What verbs and tasks take, what families say of themselves, what replies have to fit, what is in figures, as it is known.

python -m tests.known      # where one of them was meant to change
"""

import argparse
import importlib
import inspect
import json
import pkgutil
from collections.abc import Iterator
from dataclasses import fields

from builders import families as package
from builders import family as families
from builders import verbs
from tests.harness import PROJECT
from tests.releases.drawings import described

_DATA = PROJECT / "tests" / "data"
OPTIONS, FACTS, TASKS, REPLIES, FIGURES = (
    _DATA / f"{name}.txt" for name in ("options", "facts", "tasks", "replies", "figures")
)


def options() -> list[str]:
    """Return a line for each argument of each verb: the verb, its names, and what it may be."""
    return list(_told(verbs.parser()))


def facts() -> list[str]:
    """Return a line for each fact of each family."""
    every = {family: families.facts(family) for family in families.names()}
    return [
        f"{family}: {field.name}: {getattr(told, field.name)!r}" for family, told in every.items() for field in fields(told)
    ]


def tasks() -> list[str]:
    """Return a line for each Inspect task: what it takes, and what each argument is where it is left out."""
    from builders.evaluation import registry

    every = [task for given in registry.TASKS.values() for task in given]
    taken = {task.__name__: inspect.signature(task) for task in every}
    return [f"{name}{signature.replace(return_annotation=signature.empty)}" for name, signature in taken.items()]


def replies() -> list[str]:
    """Return a line for each JSON Schema that families' modules hold, of what a model's reply has to fit."""
    names = [found.name for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")]
    modules = [importlib.import_module(name) for name in names if ".problems" not in name]
    return [
        f"{module.__name__.removeprefix(f'{package.__name__}.')}.{name}: {json.dumps(value)}"
        for module in modules
        for name, value in sorted(vars(module).items())
        if isinstance(value, dict) and value.get("type") == "object" and "properties" in value
    ]


def _told(parser: argparse.ArgumentParser) -> Iterator[str]:
    for action in parser._actions:  # noqa: SLF001  (argparse tells them nowhere else)
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            for inner in action.choices.values():
                yield from _told(inner)
        elif not isinstance(action, argparse._HelpAction):  # noqa: SLF001
            facts = {
                "as": action.dest,
                "kind": type(action).__name__.strip("_").removesuffix("Action").lower(),
                "type": getattr(action.type, "__name__", None),
                "nargs": action.nargs,
                "default": action.default,
                "choices": list(action.choices) if action.choices else None,
                "required": action.required,
                "shown": action.metavar,
                "help": action.help,
            }
            names = ", ".join(action.option_strings) or action.dest
            worded = ", ".join(f"{name} {value!r}" for name, value in facts.items() if value not in (None, False))
            yield f"{parser.prog.removeprefix('python -m builders ')}: {names}: {worded}"


if __name__ == "__main__":
    for file, lines in ((OPTIONS, options()), (FACTS, facts()), (TASKS, tasks()), (REPLIES, replies()), (FIGURES, described())):
        file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
