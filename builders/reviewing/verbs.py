"""The verbs of review rounds, for the command line; each imports only what it needs."""

import argparse
from collections.abc import Callable
from pathlib import Path

PORT = 6900

Run = Callable[[argparse.Namespace], None]
Add = Callable[[str, str, Run], argparse.ArgumentParser]

# ruff: disable[PLC0415]


def add(verb: Add) -> None:
    """Add the verbs, given a function that adds one by name, summary and what runs it."""
    push = verb("review-push", "open a review round, or go on with the one that is open, in Argilla", _push)
    _add_opening(push)
    for name, summary, run in (
        ("review-pull", "write what reviewers decided in Argilla to raw/<family>/reviews/", _pull),
        ("review-status", "how far the review rounds are", _status),
    ):
        verb(name, summary, run).add_argument("family")
    export = verb("review-export", "write a review round as a table for any other tool", _export)
    _add_opening(export)
    export.add_argument("--to", metavar="FILE", type=Path, required=True, help="a new .csv or .jsonl file")
    imported = verb("review-import", "take in the answers of a table", _import)
    imported.add_argument("family")
    imported.add_argument("file", metavar="FILE", type=Path, help="a .csv, .jsonl or .json file")
    imported.add_argument("--reviewer", metavar="NAME", help="a pseudonym, where the table has no column reviewer or annotator")
    server = verb("review-server", "serve Argilla on this machine (make argilla makes its environment)", _serve)
    server.add_argument("--port", type=int, default=PORT)


def _add_opening(command: argparse.ArgumentParser) -> None:
    command.add_argument("family", metavar="family[/subset]")
    command.add_argument("--next", action="store_true", help="open the next round even if one is open")
    command.add_argument("--accept-hazard", action="store_true", help="also where rows hold hazards")


def _push(arguments: argparse.Namespace) -> None:
    from builders.reviewing.argilla import push

    push.run(arguments.family, accept_hazard=arguments.accept_hazard, following=arguments.next)


def _pull(arguments: argparse.Namespace) -> None:
    from builders.reviewing.argilla import pull

    pull.run(arguments.family)


def _status(arguments: argparse.Namespace) -> None:
    from builders.reviewing.argilla import status

    status.run(arguments.family)


def _export(arguments: argparse.Namespace) -> None:
    from builders.reviewing import exporting

    exporting.run(arguments.family, arguments.to, accept_hazard=arguments.accept_hazard, following=arguments.next)


def _import(arguments: argparse.Namespace) -> None:
    from builders.reviewing import importing

    importing.run(arguments.family, arguments.file, arguments.reviewer)


def _serve(arguments: argparse.Namespace) -> None:
    from builders.reviewing.server import launching

    launching.run(arguments.port)


# ruff: enable[PLC0415]
