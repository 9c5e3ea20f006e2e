"""The verbs of the command line: what each takes, and what runs it."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn, TypeAlias

from builders import paths
from builders.errors import BuildError
from builders.reviewing import verbs as reviewing

Run = Callable[[argparse.Namespace], None]

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


_Verbs: TypeAlias = "argparse._SubParsersAction[_Parser]"  # noqa: SLF001


def parser() -> argparse.ArgumentParser:
    """Return what the program takes: a verb, and what belongs to it."""
    whole = _Parser(prog="python -m builders", description="Build a dataset family, stage by stage.")
    verbs = whole.add_subparsers(dest="verb", required=True, metavar="verb", parser_class=_Parser)
    for stage in paths.STAGES:
        command = _verb(verbs, stage, _SUMMARIES[stage], _stage)
        command.add_argument("family", metavar="family[/subset]")
    _verb(verbs, "code", "hash the modules that each stage imports, which tells dvc what to run again", _code)
    _add_measuring(verbs)
    explain = _verb(verbs, "explain", "tell a row's whole life, also a rejected one's", _explain)
    explain.add_argument("id", help="the row's id, such as safechain:0123456789abcdef")
    explain.add_argument("--full", action="store_true", help="show long texts and every request whole")
    explain.add_argument("--show-text", action="store_true", help="show texts of hazard families instead of length and hash")
    funnel = _verb(verbs, "funnel", "what is built: rows in, kept and rejected, and where they are", _funnel)
    funnel.add_argument("family", nargs="?")
    shown = _verb(verbs, "sources", "what each source would give, and why rows fall out; no stage runs", _sources)
    shown.add_argument("family", metavar="family[/subset]")
    _verb(verbs, "params", "what the stages of a family are told, every key of the active profile", _params).add_argument(
        "family"
    )
    tried = _verb(verbs, "try", "ask one row: what was sent, what came, what the server refused", _try)
    tried.add_argument("family")
    tried.add_argument("role", nargs="?", help="teacher, judge or another role of the family's params; else the first")
    tried.add_argument("--preset", metavar="NAME", help="with what a provider takes, and the lines for params.yaml")
    tried.add_argument("--show-text", action="store_true", help="show texts of hazard families instead of length and hash")
    plan = _verb(verbs, "plan", "what a build will ask for and cost, before anything is asked", _plan)
    plan.add_argument("family")
    retry = _verb(verbs, "retry", "ask again about the rows that ended as no_reply", _retry)
    retry.add_argument("family")
    _add_export(_verb(verbs, "export", "rows of a release as messages for a trainer", _export))
    _add_publish(_verb(verbs, "publish", "a release to a Hub or a folder, as a version that was read back", _publish))
    serve = _verb(verbs, "serve", "keep one vLLM up across stages, and print the line to export", _serve)
    serve.add_argument("family")
    serve.add_argument("role", help="teacher, judge or another role of the family's params")
    reviewing.add(lambda name, summary, run: _verb(verbs, name, summary, run))
    _add_ledger(verbs.add_parser("ledger", help="what replies cost, whether they are sound, and how to pass them on"))
    return whole


def _add_measuring(verbs: _Verbs) -> None:
    calibrate = _verb(verbs, "calibrate", "measure what a family's stages have to know of its models", _calibrate)
    calibrate.add_argument("family")
    calibrate.add_argument("file", metavar="FILE", type=Path, nargs="?", help="JSON Lines: rows that people have labelled")
    calibrate.add_argument("--min-precision", metavar="P", type=float, help="highest recall at this precision; else best F1")
    proving = _verb(
        verbs, "validate-tasks", "prove without a model what can be proved of tasks, and say which is which", _prove
    )
    proving.add_argument("family", nargs="?", help="else every family that has tasks")
    proving.add_argument("--scripts", metavar="FOLDER", type=Path, help="else tests/families/<family>/scripts")
    comparing = _verb(verbs, "compare", "logs of evaluations side by side, beside the papers' numbers", _compare)
    comparing.add_argument("logs", metavar="LOG", type=Path, nargs="+", help="a log of Inspect, or a folder of them")
    comparing.add_argument("--all", action="store_true", help="show measures of groups, such as categories, too")
    comparing.add_argument("--markdown", metavar="FILE", type=Path, help="write the tables as Markdown")
    comparing.add_argument("--csv", metavar="FILE", type=Path, help="write every number as CSV")
    comparing.add_argument("--plots", metavar="FOLDER", type=Path, help="write a plot of each measure")


def _verb(verbs: _Verbs, name: str, summary: str, run: Run) -> argparse.ArgumentParser:
    """Add a verb, and what runs it."""
    command = verbs.add_parser(name, help=summary)
    command.set_defaults(run=run)
    return command


def _add_export(export: argparse.ArgumentParser) -> None:
    export.add_argument("family", metavar="family[/config]")
    export.add_argument("--format", choices=["messages"], default="messages", help="what a row becomes")
    policies = "full, opening_omitted, reasoning_content, blank or answer_only"
    export.add_argument("--think", metavar="POLICY", required=True, help=f"how the think block is written: {policies}")
    export.add_argument("--to", metavar="FILE", type=Path, required=True, help="a new .parquet or .jsonl file")
    export.add_argument("--accept-hazard", action="store_true", help="also where the family has a hazard")


def _add_publish(publish: argparse.ArgumentParser) -> None:
    publish.add_argument("family")
    publish.add_argument("--dry-run", action="store_true", help="say what would be done, and send nothing")
    publish.add_argument("--sample", action="store_true", help="publish a sample build, as <family>-sample")
    publish.add_argument("--accept-hazard", action="store_true", help="to a folder, also where answers are harmful")
    publish.add_argument("--allow-removals", action="store_true", help="also where over 1 %% of a config's rows disappear")
    publish.add_argument("--open", action="store_true", help="make what was published public, a hazard family's still gated")


def _add_ledger(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="of_ledger", required=True, metavar="verb", parser_class=_Parser)
    _verb(verbs, "stats", "how many replies there are, and what was paid for them", _ledger_stats)
    verify = _verb(verbs, "verify", "check that every stored reply is intact", _ledger_verify)
    verify.add_argument("--drop", action="store_true", help="remove what is damaged, to be asked for again")
    export = _verb(verbs, "export", "seal the replies of a release, from which anyone can build it again", _ledger_export)
    export.add_argument("family")
    export.add_argument("--to", metavar="FILE", type=Path, help="a new file; else <family>.ledger.zst, here")
    export.add_argument("--accept-hazard", action="store_true", help="also where replies may be harmful")
    taken = _verb(verbs, "import", "take in a sealed file, to build its release with teacher: ledger", _ledger_import)
    taken.add_argument("file", metavar="FILE", type=Path)
    merge = _verb(verbs, "merge", "take in the ledgers of other machines", _ledger_merge)
    merge.add_argument("others", metavar="LEDGER", type=Path, nargs="+", help="the file of another ledger, which is only read")
    merge.add_argument("--keep-first", action="store_true", help="where ledgers differ: what is here counts, then their order")


# Each verb imports only what it needs: --help stays fast.
# ruff: disable[PLC0415]


def _stage(arguments: argparse.Namespace) -> None:
    from builders import locks
    from builders.stages import running

    locks.stop_with_parent()
    running.run(arguments.verb, arguments.family)


def _code(_: argparse.Namespace) -> None:
    from builders.releases import code

    code.run()


def _prove(arguments: argparse.Namespace) -> None:
    from builders.commands import proving

    proving.run(arguments.family, arguments.scripts)


def _compare(arguments: argparse.Namespace) -> None:
    from builders.commands import comparing

    outputs = {"markdown": arguments.markdown, "table": arguments.csv, "plots": arguments.plots}
    comparing.run(arguments.logs, every=arguments.all, **outputs)


def _calibrate(arguments: argparse.Namespace) -> None:
    from builders.commands import calibrating

    calibrating.run(arguments.family, arguments.file, arguments.min_precision)


def _explain(arguments: argparse.Namespace) -> None:
    from builders.commands import explain

    explain.run(arguments.id, show_text=arguments.show_text, full=arguments.full)


def _funnel(arguments: argparse.Namespace) -> None:
    from builders.commands import funnel

    funnel.run(arguments.family)


def _params(arguments: argparse.Namespace) -> None:
    from builders.commands import settings

    settings.run(arguments.family)


def _export(arguments: argparse.Namespace) -> None:
    from builders.commands import exports

    exports.run(arguments.family, arguments.think, arguments.to, accept_hazard=arguments.accept_hazard)


def _try(arguments: argparse.Namespace) -> None:
    from builders.commands import try_

    try_.run(arguments.family, arguments.role, arguments.preset, show_text=arguments.show_text)


def _sources(arguments: argparse.Namespace) -> None:
    from builders.commands import sources

    sources.run(arguments.family)


def _plan(arguments: argparse.Namespace) -> None:
    from builders.commands import plan

    plan.run(arguments.family)


def _retry(arguments: argparse.Namespace) -> None:
    from builders.commands import retry

    retry.run(arguments.family)


def _serve(arguments: argparse.Namespace) -> None:
    from builders.commands import serve

    serve.run(arguments.family, arguments.role)


def _publish(arguments: argparse.Namespace) -> None:
    from builders.publishing import publish

    if arguments.open:
        publish.open_to_all(arguments.family, sample=arguments.sample, dry_run=arguments.dry_run)
    else:
        allowed = publish.Permissions(arguments.sample, arguments.accept_hazard, arguments.allow_removals)
        publish.run(arguments.family, allowed, dry_run=arguments.dry_run)


def _ledger_stats(_: argparse.Namespace) -> None:
    from builders.ledger import verbs

    verbs.stats()


def _ledger_verify(arguments: argparse.Namespace) -> None:
    from builders.ledger import verbs

    verbs.verify(drop=arguments.drop)


def _ledger_export(arguments: argparse.Namespace) -> None:
    from builders.sealed import exporting

    exporting.run(arguments.family, arguments.to, accept_hazard=arguments.accept_hazard)


def _ledger_import(arguments: argparse.Namespace) -> None:
    from builders.sealed import importing

    importing.run(arguments.file)


def _ledger_merge(arguments: argparse.Namespace) -> None:
    from builders.ledger import merging

    merging.run(arguments.others, keep_first=arguments.keep_first)


# ruff: enable[PLC0415]
