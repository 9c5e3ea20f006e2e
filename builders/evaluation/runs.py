"""What logs of Inspect say, for a comparison: each run's measures and what stands beside them, and what became of each item."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from string import digits
from typing import Any, NamedTuple

from inspect_ai.log import EvalLog, EvalScore, read_eval_log, read_eval_log_sample_summaries

from builders.errors import BuildError
from builders.evaluation.measures import AKIN, EXCLUDED, QUESTION, beside

_TELLING = (
    "strategy",
    "monitored",
    "evaluator",
    "refusal",
    "elicitation",
    "trigger",
    "distractor",
    "labels",
    "of",
    "honesty",
    "subset",
)
"""The arguments of tasks that make a run another one, though the model is the same."""
_MODEL_FREE = "none"
_RULES = ("rule", "refusal", "string_match")
"""What a scorer may decide by that is not a model."""


class Measure(NamedTuple):
    """A number of a log, and what stands beside it.

    Args:
        value: the number.
        low: lower end of its interval; None where it has none.
        high: upper end.
        of: its denominator; None where it has none.
        excluded: why → how many are left out.
    """

    value: float
    low: float | None = None
    high: float | None = None
    of: int | None = None
    excluded: Mapping[str, int] = {}


class Rule(NamedTuple):
    """How a measure is made of outcomes: those that it is of, and those that count."""

    hits: tuple[str, ...]
    among: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Run:
    """A log.

    Args:
        file: where it lies.
        task: its name, without the package's.
        model: as Inspect names it.
        settings: what tells it from other runs of the model, such as `strategy=zero`.
        measures: `<scorer>/<measure>` → it.
        rules: the same → how it is made, where it is a rate over outcomes.
        judges: role → the model that has it.
        templates: scorer → the template that its judge is asked with.
        deciders: scorer → the rule that it decides by, where no judge does.
        labels: the name of the file of people's labels, where it measures on some.
        akin: whether a judge is of the model's own family.
    """

    file: Path
    task: str
    model: str
    settings: str
    measures: Mapping[str, Measure]
    rules: Mapping[str, Rule] = field(default_factory=dict)
    judges: Mapping[str, str] = field(default_factory=dict)
    templates: Mapping[str, str] = field(default_factory=dict)
    deciders: Mapping[str, str] = field(default_factory=dict)
    labels: str = ""
    akin: bool = False

    @property
    def label(self) -> str:
        """What a table calls it."""
        name = self.model.rpartition("/")[2]
        return f"{name} ({self.settings})" if self.settings else name

    @property
    def labelled(self) -> bool:
        """Whether it measures judges on people's labels, and no model."""
        return any(name.partition("/")[2].startswith(("dev/agrees", "test/agrees")) for name in self.measures)


def read(logs: Sequence[Path]) -> list[Run]:
    """Return the runs that files, or folders of them, hold; those that did not end well are left out.

    Raises:
        BuildError: there is no such file, one is no log, or none ended well.
    """
    runs = [run for path in _files(logs) if (run := _run(path)) is not None]
    if not runs:
        what = "no run that ended well"
        raise BuildError(what, where=", ".join(map(str, logs)), fix="name logs, or go on with inspect eval-retry")
    return sorted(runs, key=lambda run: (run.task, run.label))


def items(run: Run, name: str) -> dict[str, tuple[str, list[str]]]:
    """Return sample → its question, and the outcomes of its epochs, for the scorer of a measure."""
    scorer = name.partition("/")[0]
    found: dict[str, tuple[str, list[str]]] = {}
    for sample in read_eval_log_sample_summaries(str(run.file)):
        score = (sample.scores or {}).get(scorer)
        if score is not None:
            question = str((sample.metadata or {}).get(QUESTION, sample.id))
            found.setdefault(str(sample.id), (question, []))[1].append(str(score.value))
    return found


def _files(logs: Sequence[Path]) -> Iterator[Path]:
    for path in logs:
        if path.is_dir():
            yield from sorted([*path.glob("*.eval"), *path.glob("*.json")])
        elif path.is_file():
            yield path
        else:
            raise BuildError("there is no such log", where=path, fix="name logs of Inspect, or their folder")


def _header(path: Path) -> EvalLog:
    try:
        return read_eval_log(str(path), header_only=True)
    except (ValueError, OSError, KeyError, RecursionError) as error:
        raise BuildError("no log of Inspect", where=path, fix="name .eval files") from error


def _run(path: Path) -> Run | None:
    log = _header(path)
    if log.status != "success" or log.results is None:
        return None
    arguments = {**(log.eval.metadata or {}), **(log.eval.task_args or {})}
    settings = {name: arguments[name] for name in _TELLING if arguments.get(name) not in {None, False, "", "default"}}
    passed = log.eval.task_args_passed or {}
    named = [f"{name}={value}" for name, value in settings.items() if name in passed]
    return Run(
        file=path,
        task=log.eval.task.rpartition("/")[2],
        model=log.eval.model,
        settings=", ".join(named),
        measures=dict(_measures(log)),
        rules=_rules(log),
        deciders=_deciders(log),
        labels=Path(str(arguments.get("file", ""))).name,
        judges={role: _named(model) for role, model in (log.eval.model_roles or {}).items()},
        akin=any(metric.value for score in log.results.scores for name, metric in score.metrics.items() if name == AKIN),
    )


def _measures(log: EvalLog) -> Iterator[tuple[str, Measure]]:
    for score in log.results.scores if log.results else ():
        numbers = {name: metric.value for name, metric in score.metrics.items()}
        name_of = _scorer(log, score)
        for name, value in numbers.items():
            if name == AKIN or beside(name):
                continue
            low, high, count = (numbers.get(f"{name}_{part}") for part in ("low", "high", "n"))
            excluded = {
                key.partition(EXCLUDED)[2]: int(count) for key, count in numbers.items() if key.startswith(name + EXCLUDED)
            }
            yield f"{name_of}/{name}", Measure(value, low, high, None if count is None else int(count), excluded)


def _scorer(log: EvalLog, score: EvalScore) -> str:
    """Return what a scorer is called; where several evaluators are measured on labels, which of them it is."""
    way = (score.params or {}).get("evaluator") or (score.params or {}).get("by")
    measured = log.eval.model.startswith(_MODEL_FREE) and way
    return f"{score.name.rstrip(digits)}({way})" if measured else score.name


def _deciders(log: EvalLog) -> dict[str, str]:
    """Return the rule of each scorer that asks nobody; one that scores a part of what another scores is not named."""
    found: dict[str, str] = {}
    for score in log.results.scores if log.results else ():
        way = (score.params or {}).get("evaluator") or (score.params or {}).get("by")
        if way in _RULES and not log.eval.model.startswith(_MODEL_FREE):
            found[score.name] = str(way)
    return found


def _rules(log: EvalLog) -> dict[str, Rule]:
    found: dict[str, Rule] = {}
    for score in log.results.scores if log.results else ():
        for name, metric in score.metrics.items():
            params: dict[str, Any] = metric.params or {}
            if name == params.get("name") and "hits" in params:
                found[f"{score.name}/{name}"] = Rule(tuple(params["hits"]), tuple(params["among"]))
            elif name == "safe_at_1":
                found[f"{score.name}/{name}"] = Rule(("safe",), ("safe", "unsafe"))
    return found


def _named(model: Any) -> str:  # noqa: ANN401  (a model's configuration, or several)
    return ", ".join(map(_named, model)) if isinstance(model, list) else str(model.model)
