"""python -m builders <verb>: run a stage by hand, tell a row's life, show the funnel, pass releases and replies on.

Exit code 0: done. 2: the build cannot go on, one line on stderr says why. 1: a bug of ours. 130: interrupted.
"""

import argparse
import io
import sys
import tempfile
import traceback
from pathlib import Path
from typing import NoReturn

from builders import paths
from builders.errors import BuildError

_SUMMARIES = {
    "collect": "seeds from the sources in params, and the rules that need only the prompt",
    "synthesize": "ask the teacher",
    "judge": "ask judge models about the replies",
    "filter": "decide, from annotations and rules",
    "review": "merge the decisions in raw/<family>/reviews/",
    "validate": "check every row against the schema",
    "release": "write Parquet, card, schema, manifest and checksums",
}


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Say what is wrong with the command in one line."""
        raise BuildError(message, where=self.prog, fix="python -m builders --help lists the verbs")


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that cannot show a letter is no reason to stop
    try:
        return _run(_parser().parse_args(arguments))
    except BuildError as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201
        return 2
    except OSError as error:
        # Only scratch files are written without their name being known.
        where, fix = error.filename or tempfile.gettempdir(), "free some space there, or mend its permissions, and run again"
        line = BuildError(error.strerror or type(error).__name__, where=where, fix=fix)
        print(f"error: {line}", file=sys.stderr)  # noqa: T201
        return 2
    except Exception as error:
        if sys.flags.dev_mode:
            raise
        # The message is left out: it may quote a row of a hazard family.
        place = traceback.extract_tb(error.__traceback__)[-1]
        what = f"a bug: {type(error).__name__} in {Path(place.filename).name}:{place.lineno}"
        print(f"error: {what}; python -X dev -m builders shows where it came from, please report it", file=sys.stderr)  # noqa: T201
        return 1
    except KeyboardInterrupt:
        print("interrupted; run the same command again to go on", file=sys.stderr)  # noqa: T201
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m builders", description="Build a dataset family, stage by stage.")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="verb", parser_class=_Parser)
    for stage in paths.STAGES:
        command = verbs.add_parser(stage, help=_SUMMARIES[stage])
        command.add_argument("family", metavar="family[/subset]")
    verbs.add_parser("code", help="hash the modules that each stage imports, which tells dvc what to run again")
    calibrate = verbs.add_parser("calibrate", help="choose a judge's thresholds on labelled rows")
    calibrate.add_argument("family")
    calibrate.add_argument("file", metavar="FILE", type=Path, help="JSON Lines: id, dangerous, scores")
    calibrate.add_argument("--min-precision", metavar="P", type=float, help="highest recall at this precision; else best F1")
    explain = verbs.add_parser("explain", help="tell a row's whole life, also a rejected one's")
    explain.add_argument("id", help="the row's id, such as safechain:0123456789abcdef")
    explain.add_argument("--show-text", action="store_true", help="show texts of hazard families instead of length and hash")
    funnel = verbs.add_parser("funnel", help="what is built: rows in, kept and rejected, and where they lie")
    funnel.add_argument("family", nargs="?")
    export = verbs.add_parser("export", help="rows of a release as messages for a trainer")
    export.add_argument("family", metavar="family[/config]")
    export.add_argument("--format", choices=["messages"], default="messages", help="what a row becomes")
    policies = "full, opening_omitted, reasoning_content, blank or answer_only"
    export.add_argument("--think", metavar="POLICY", required=True, help=f"how the think block is written: {policies}")
    export.add_argument("--to", metavar="FILE", type=Path, required=True, help="a new .parquet or .jsonl file")
    export.add_argument("--accept-hazard", action="store_true", help="also where the family's answers are harmful")
    _add_publish(verbs.add_parser("publish", help="a release to a Hub or a folder, as a version that was read back"))
    serve = verbs.add_parser("serve", help="keep one vLLM up across stages, and print the line to export")
    serve.add_argument("family")
    serve.add_argument("role", help="teacher, judge or another role of the family's params")
    _add_ledger(verbs.add_parser("ledger", help="what replies cost, whether they are sound, and how to pass them on"))
    return parser


def _add_publish(publish: argparse.ArgumentParser) -> None:
    publish.add_argument("family")
    publish.add_argument("--dry-run", action="store_true", help="say what would be done, and send nothing")
    publish.add_argument("--sample", action="store_true", help="publish a sample build, as <family>-sample")
    publish.add_argument("--accept-hazard", action="store_true", help="to a folder, also where answers are harmful")
    publish.add_argument("--allow-removals", action="store_true", help="also where over 1 %% of a config's rows disappear")
    publish.add_argument("--open", action="store_true", help="make what was published public, a hazard family's still gated")


def _add_ledger(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="of_ledger", required=True, metavar="verb", parser_class=_Parser)
    verbs.add_parser("stats", help="how many replies there are, and what was paid for them")
    verify = verbs.add_parser("verify", help="is every reply as it was stored?")
    verify.add_argument("--drop", action="store_true", help="remove what is damaged, to be asked for again")
    export = verbs.add_parser("export", help="seal the replies of a release, from which anyone can build it again")
    export.add_argument("family")
    export.add_argument("--to", metavar="FILE", type=Path, help="a new file; else <family>.ledger.zst, here")
    export.add_argument("--accept-hazard", action="store_true", help="also where replies may be harmful")
    imported = verbs.add_parser("import", help="take in a sealed file, to build its release with teacher: ledger")
    imported.add_argument("file", metavar="FILE", type=Path)


def _run(arguments: argparse.Namespace) -> int:
    if arguments.verb == "explain":
        from builders.commands import explain  # noqa: PLC0415  (each verb imports only what it needs: --help stays fast)

        explain.run(arguments.id, show_text=arguments.show_text)
    elif arguments.verb == "calibrate":
        from builders import family as families  # noqa: PLC0415

        families.calibration(arguments.family).run(arguments.family, arguments.file, arguments.min_precision)
    elif arguments.verb == "code":
        from builders.releases import code  # noqa: PLC0415

        code.run()
    elif arguments.verb == "funnel":
        from builders.commands import funnel  # noqa: PLC0415

        funnel.run(arguments.family)
    elif arguments.verb == "export":
        from builders.commands import exports  # noqa: PLC0415

        exports.run(arguments.family, arguments.think, arguments.to, accept_hazard=arguments.accept_hazard)
    elif arguments.verb == "serve":
        from builders.commands import serve  # noqa: PLC0415

        serve.run(arguments.family, arguments.role)
    elif arguments.verb == "publish":
        _run_publish(arguments)
    elif arguments.verb == "ledger":
        _run_ledger(arguments)
    else:
        from builders import locks  # noqa: PLC0415
        from builders.stages.running import run  # noqa: PLC0415

        locks.stop_with_parent()
        run(arguments.verb, arguments.family)
    return 0


def _run_publish(arguments: argparse.Namespace) -> None:
    from builders.publishing import publish  # noqa: PLC0415

    if arguments.open:
        publish.open_to_all(arguments.family, sample=arguments.sample, dry_run=arguments.dry_run)
    else:
        allowed = publish.Allowed(arguments.sample, arguments.accept_hazard, arguments.allow_removals)
        publish.run(arguments.family, allowed, dry_run=arguments.dry_run)


def _run_ledger(arguments: argparse.Namespace) -> None:
    if arguments.of_ledger == "export":
        from builders.sealed import exporting  # noqa: PLC0415

        exporting.run(arguments.family, arguments.to, accept_hazard=arguments.accept_hazard)
    elif arguments.of_ledger == "import":
        from builders.sealed import importing  # noqa: PLC0415

        importing.run(arguments.file)
    else:
        from builders.ledger import verbs  # noqa: PLC0415

        if arguments.of_ledger == "stats":
            verbs.stats()
        else:
            verbs.verify(drop=arguments.drop)


if __name__ == "__main__":
    sys.exit(main())
