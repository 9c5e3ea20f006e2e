"""validate: give every row its released form and check it against the family's JSON Schema.

The form is the family's columns, then `provenance` and `canary`, after `id`. A row that breaks the schema is rejected
as `schema`, with the place, the broken rule, and length and hash of the value.
"""

from collections.abc import Callable
from dataclasses import asdict, replace
from functools import cache, partial
from typing import Any

import jsonschema
import jsonschema_rs
from datatrove.pipeline.base import PipelineStep

from builders import schema
from builders.jobs import Intake, Job
from builders.pipeline import Apply, Check
from builders.provenance import Answerer
from builders.records import Record, Rejection, canonical, digest
from builders.stages import parting


def run(job: Job) -> Intake:
    """Validate one pool."""
    return Intake(parting.parted(job, partial(_steps, job.family)))


def _steps(family: str, _: int) -> list[PipelineStep]:
    return [Apply(partial(row, family)), Check(rule(family))]


def row(family: str, record: Record) -> Record:
    """Return the record with its released row as data."""
    traced = record.provenance
    teacher = traced.answerers.get("teacher")
    provenance = {
        "source": traced.source,
        "source_key": traced.source_key,
        "license": traced.license,
        "parent": record.parent,
        **{role: replace(answerer, candidates=None, extra=None).facts() for role, answerer in traced.answerers.items()},
        "sampling": _sampling(teacher) if teacher else None,
        "review": asdict(traced.review) if traced.review else None,
    }
    data = {"id": record.id, **record.data, "provenance": provenance, "canary": schema.canary(family, record.subset)}
    return Record(record.id, record.subset, record.parent, record.provenance, data)


def _sampling(teacher: Answerer) -> dict[str, int | None] | None:
    return None if teacher.candidates is None else {"candidates": teacher.candidates, "accepted": teacher.accepted}


def rule(family: str) -> Callable[[Record], Rejection | None]:
    """Return the check of a released row against the schema of its subset."""

    @cache
    def fast(subset: str) -> jsonschema_rs.Draft202012Validator:
        return jsonschema_rs.Draft202012Validator(schema.config(family, subset))

    def check(record: Record) -> Rejection | None:
        if fast(record.subset).is_valid(record.data):
            return None
        return Rejection("schema", _worded(schema.config(family, record.subset), record.data))

    return check


def _worded(contract: dict[str, Any], row: dict[str, Any]) -> dict[str, Any]:
    """Say what is wrong with a row without quoting it."""
    error = jsonschema.exceptions.best_match(jsonschema.Draft202012Validator(contract).iter_errors(row))
    if error is None:  # the two libraries differ in corners: Python's `$` also matches before a last line break
        return {"column": "$", "rule": None, "wanted": None, "bytes": len(canonical(row)), "sha256": digest(row)}
    value = error.instance
    wanted = error.validator_value if error.validator != "properties" else None
    return {
        "column": error.json_path,
        "rule": error.validator,
        "wanted": wanted,
        "bytes": len(canonical(value)),
        "sha256": digest(value),
    }
