"""What the command line takes, option by option, as it is known: `tests/data/options.txt`.

python -m tests.options      # where it was meant to change
"""

import argparse
from collections.abc import Iterator

from builders import verbs
from tests.harness import PROJECT

FILE = PROJECT / "tests" / "data" / "options.txt"


def told(parser: argparse.ArgumentParser) -> Iterator[str]:
    """Yield a line for each argument of each verb: the verb, its names, and what it may be."""
    for action in parser._actions:  # noqa: SLF001  (argparse tells them nowhere else)
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            for inner in action.choices.values():
                yield from told(inner)
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
    FILE.write_text("".join(f"{line}\n" for line in told(verbs.parser())), encoding="utf-8")
