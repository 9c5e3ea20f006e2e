"""The dataset card and its second file: prose by hand in `cards/<family>.md`, a Jinja template; figures by the release."""

import copy
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import jinja2
from datasets.info import DatasetInfo, DatasetInfosDict
from huggingface_hub import DatasetCard, DatasetCardData

from builders import family as families
from builders import hazards, paths
from builders.errors import BuildError
from builders.params.loading import Params
from builders.params.roles import Sampling
from builders.releases import (
    card_checks,
    card_claims,
    card_lint,
    card_parts,
    card_reviews,
    first_screen,
    licences,
    markup,
    statements,
)
from builders.releases.manifest import Manifest
from builders.releases.statements import Statements

_SHOWN_DIGITS = 10
_MACHINE = "machine-generated"
_CREATORS = {"recorded": "expert-generated"}
"""Server → who the Hub is told has annotated."""
_MANUAL = "harmful-text"
"""The hazard whose gate a person opens, not a form."""


class Card(NamedTuple):
    """What a person reads of a release.

    Args:
        readme: the card, front matter included.
        details: the second file.
    """

    readme: str
    details: str


class Built(NamedTuple):
    """What a card is written from.

    Args:
        infos: what is in each config that has rows.
        facts: the manifest.
        first_row: the row of the first screen, as a table.
        figures: the figures as Markdown.
        sample_rows: more rows as Markdown.
    """

    infos: dict[str, DatasetInfo]
    facts: Manifest
    first_row: str
    figures: str
    sample_rows: str


def card(family: str, params: Params, built: Built) -> Card:
    """Return the card of a release, and its second file.

    Args:
        family: its name.
        params: what it was built with.
        built: what it is written from.

    Raises:
        BuildError: the template is broken, lacks what a card must say, has a number without a source, or claims what the
            release does not support.
    """
    path = paths.card(family)
    template = statements.read(path)
    outside = {name: markup.names(getattr(built.facts, name)) for name in _FROM_OUTSIDE}
    built = built._replace(facts=replace(built.facts, **outside))
    if unsaid := [config for config in built.facts.rows if config not in template.statements.configs]:
        what = f"the card does not say what {unsaid[0]} is"
        raise BuildError(what, where=path, fix="say it under configs in the front matter")
    review = card_reviews.section(built.facts.review)
    text = _rendered(path, template.body, {**_fields(family, template.statements, built, review), "params": params})
    readme, details = statements.parts(text, path)
    gate = families.facts(family).gate
    limits = card_checks.limits(template.statements)
    stated = (
        ("terms of use", gate, readme),
        ("canary", built.facts.canary, readme),
        ("limits", limits, readme),
        ("review", review, details),
    )
    if missing := [name for name, statement, where in stated if statement not in where]:
        raise BuildError(f"the card does not state the {missing[0]}", where=path, fix="add the field to the card")
    whole = path.read_text(encoding="utf-8")
    bare = card_lint.RenderedCard(readme.replace(built.first_row or _ROWS, _ROWS), details.replace(built.sample_rows, _ROWS))
    card_lint.check(path, whole, bare)
    card_claims.check(path, whole, card_claims.names(family, params, built.facts))
    whole_card = str(DatasetCard(f"---\n{_front_matter(family, built).to_yaml()}\n---\n\n{readme}"))
    card_lint.check_length(path, whole_card)
    return Card(whole_card, details)


def _rendered(path: Path, body: str, fields: dict[str, Any]) -> str:
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, keep_trailing_newline=True, autoescape=False)  # noqa: S701
    environment.filters["rejections"] = _rejections
    environment.filters["place"] = _place
    environment.filters["sampled"] = _sampled
    try:
        return environment.from_string(body).render(fields)
    except jinja2.TemplateError as error:
        raise BuildError(f"{type(error).__name__}: {error.message}", where=path, fix="fix the card") from None


def _fields(family: str, stated: Statements, built: Built, review: str) -> dict[str, Any]:
    """Return what a template may show, by name."""
    facts = built.facts
    about = families.facts(family)
    return {
        "first_screen": first_screen.text(first_screen.Contents(stated, facts, built.infos, built.first_row)),
        "inside": card_checks.inside(family, facts.tally),
        "counts": card_checks.counts(facts.tally),
        "checked": card_checks.checked(facts.facts(), review),
        "limits": card_checks.limits(stated),
        "repository": first_screen.repository(family, sample=facts.sample),
        "licence": first_screen.licence(facts),
        "licences": card_parts.licences(facts.licences),
        "columns": card_parts.columns(family),
        "figures": built.figures,
        "sample_rows": built.sample_rows,
        "review": review,
        "title": about.title,
        "gate": about.gate,
        "configs": facts.rows,
        "facts": facts,
        **{key: getattr(facts, key) for key in _SHOWN},
    }


_FROM_OUTSIDE = ("rows", "sources", "answered_by", "licences", "review", "audit", "decontamination", "overlap")
"""What of a manifest has names in it that are none of ours."""
_ROWS = "(rows)"
"""What stands for sample rows, whose text is nobody's to fix, when a card is looked at."""
_SHOWN = ("family", "sample", "recorded", "canary", "stages", "sources", "decontamination", "answered_by")


def _front_matter(family: str, built: Built) -> DatasetCardData:
    about, facts = families.facts(family), built.facts
    infos = {config: _without_features(info) for config, info in built.infos.items()}
    data = DatasetCardData(
        pretty_name=about.title,
        language=list(about.languages),
        annotations_creators=sorted({_CREATORS.get(who["server"], _MACHINE) for who in facts.answered_by.values()})
        or [_MACHINE],
        source_datasets=sorted({place["repository"] for place in facts.sources if "repository" in place and place["rows"]})
        or ["original"],
        size_categories=[card_parts.size(sum(facts.rows.values()))],
        task_categories=list(about.tasks),
        tags=list(about.tags),
    )
    infos_of = DatasetInfosDict(infos)
    infos_of.to_dataset_card_data(data)
    default = next(iter(infos), None)
    data["configs"] = [
        {
            "config_name": config,
            "data_files": [{"split": split, "path": f"{config}/{split}-*.parquet"} for split in info.splits],
            **({"default": True} if config == default else {}),
        }
        for config, info in infos.items()
    ]
    for name, value in {**licences.on_the_hub(facts.licences), **_gating(family)}.items():
        data[name] = value
    return data


def _without_features(info: DatasetInfo) -> DatasetInfo:
    """Return what is in a config but for its columns: the Parquet files have them, and a card that repeats them is long."""
    without = copy.copy(info)
    without.features = None
    return without


def _gating(family: str) -> dict[str, Any]:
    """Return the front matter by which the Hub asks for the terms to be accepted."""
    about = families.facts(family)
    if hazards.level(family) == "none":
        return {}
    review = " Requests are looked at one by one." if hazards.level(family) == _MANUAL else ""
    return {
        "extra_gated_heading": f"Access to {about.title} is for research",
        "extra_gated_prompt": about.gate + review,
        "extra_gated_fields": {"Affiliation": "text", "Intended use": "text", "I accept these terms": "checkbox"},
        "extra_gated_button_content": "Ask for access",
    }


def _sampled(sampling: Sampling) -> str:
    """Return how a model was asked to sample; what was not asked of it is the server's choice."""
    settings = [
        None if sampling.temperature is None else f"temperature {sampling.temperature}",
        None if sampling.top_p is None else f"top-p {sampling.top_p}",
        None if sampling.max_tokens is None else f"at most {sampling.max_tokens} tokens",
    ]
    return ", ".join(filter(None, settings)) or "sampled as its server does"


def _rejections(rejected: dict[str, int]) -> str:
    return ", ".join(f"{reason}\u00a0{count}" for reason, count in rejected.items()) or "none"


def _place(table: dict[str, Any]) -> str:
    """Say where a source or an evaluation set lies."""
    if "release" in table:
        where = f"`{table['repository']}` at `{table['revision'][:_SHOWN_DIGITS]}`" if "repository" in table else "here"
        return f"release of `{table['release']}`, {where}"
    if "repository" in table:
        return f"`{table['repository']}` at `{table['revision'][:_SHOWN_DIGITS]}`"
    if "generator" in table:
        return f"made by `{table['generator']}`, seed {table['seed']}"
    whose = "somebody's own" if table.get("own") else ""
    files = f"{table['files']} {whose} files" if "files" in table else f"{whose} file" if whose else "a file"
    return f"{' '.join(files.split())}, sha256 `{table['sha256'][:_SHOWN_DIGITS]}`"
