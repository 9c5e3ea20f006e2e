"""What the command line takes, option by option, and what each family says of itself, as they are known.

python -m tests.known      # where one of them was meant to change
"""

import argparse
from collections.abc import Iterator
from dataclasses import fields

from builders import family as families
from builders import verbs
from tests.harness import PROJECT

OPTIONS, FACTS = (PROJECT / "tests" / "data" / name for name in ("options.txt", "facts.txt"))


def options() -> list[str]:
    """Return a line for each argument of each verb: the verb, its names, and what it may be."""
    return list(_told(verbs.parser()))


def facts() -> list[str]:
    """Return a line for each fact of each family."""
    every = {family: families.facts(family) for family in families.names()}
    return [
        f"{family}: {field.name}: {getattr(told, field.name)!r}" for family, told in every.items() for field in fields(told)
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
    for file, lines in ((OPTIONS, options()), (FACTS, facts())):
        file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
