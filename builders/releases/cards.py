"""The dataset card: prose by hand in `cards/<family>.md`, a Jinja template; figures, and the front matter, by the release."""

from dataclasses import replace
from typing import Any

import jinja2
from datasets.info import DatasetInfo, DatasetInfosDict
from huggingface_hub import DatasetCard, DatasetCardData

from builders import family as families
from builders import hazards, paths
from builders.errors import BuildError
from builders.params.loading import Params
from builders.params.sections import Sampling
from builders.releases import card_lint, card_parts, card_reviews, licences, markup
from builders.releases.manifest import Manifest

_SHOWN_DIGITS = 10
_MACHINE = "machine-generated"
_CREATORS = {"recorded": "expert-generated"}
"""Server → who the Hub is told has annotated."""
_MANUAL = "harmful-text"
"""The hazard whose gate a person opens, not a form."""


def card(family: str, params: Params, infos: dict[str, DatasetInfo], facts: Manifest, shown: dict[str, str]) -> str:
    """Return the card of a release.

    Args:
        family: its name.
        params: what it was built with.
        infos: what is in each config that has rows.
        facts: the manifest.
        shown: what else its fields may show: `figures`, `sample_rows`.

    Raises:
        BuildError: the template is broken, lacks what a card must say, or has a number without a source.
    """
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, keep_trailing_newline=True, autoescape=False)  # noqa: S701
    environment.filters["rejections"] = _rejections
    environment.filters["place"] = _place
    environment.filters["sampled"] = _sampled
    facts = replace(facts, **{name: markup.names(getattr(facts, name)) for name in _FROM_OUTSIDE})
    gate = families.facts(family).gate
    review = card_reviews.told(facts.review)
    template = paths.card(family).read_text(encoding="utf-8")
    try:
        text = environment.from_string(template).render(
            facts=facts,
            licences=card_parts.licences(facts.licences),
            review=review,
            **shown,
            title=families.facts(family).title,
            gate=gate,
            configs=facts.rows,
            columns=card_parts.columns(family),
            params=params,
            **{key: getattr(facts, key) for key in _SHOWN},
        )
    except jinja2.TemplateError as error:
        raise BuildError(f"{type(error).__name__}: {error.message}", where=paths.card(family), fix="mend the card") from None
    stated = (("terms of use", gate), ("canary", facts.canary), ("review", review if facts.review else ""))
    if missing := [name for name, said in stated if said not in text]:
        raise BuildError(f"the card does not state the {missing[0]}", where=paths.card(family), fix="add the field to the card")
    card_lint.check(paths.card(family), template, text.replace(shown["sample_rows"], _ROWS))
    return str(DatasetCard(f"---\n{_front_matter(family, infos, facts).to_yaml()}\n---\n\n{text}"))


_FROM_OUTSIDE = ("rows", "sources", "answered_by", "licences", "review", "audit", "decontamination")
"""What of a manifest has names in it that are none of ours."""
_ROWS = "(rows)"
"""What stands for sample rows, whose text is nobody's to mend, when a card is looked at."""
_SHOWN = ("family", "sample", "recorded", "canary", "stages", "sources", "decontamination", "answered_by")


def _front_matter(family: str, infos: dict[str, DatasetInfo], facts: Manifest) -> DatasetCardData:
    about = families.facts(family)
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
    said = [
        None if sampling.temperature is None else f"temperature {sampling.temperature}",
        None if sampling.top_p is None else f"top-p {sampling.top_p}",
        None if sampling.max_tokens is None else f"at most {sampling.max_tokens} tokens",
    ]
    return ", ".join(filter(None, said)) or "sampled as its server does"


def _rejections(rejected: dict[str, int]) -> str:
    return ", ".join(f"{reason}\u00a0{count}" for reason, count in rejected.items()) or "none"


def _place(table: dict[str, Any]) -> str:
    """Say where a source or an evaluation set lies."""
    if "repository" in table:
        return f"`{table['repository']}` at `{table['revision'][:_SHOWN_DIGITS]}`"
    if "generator" in table:
        return f"made by `{table['generator']}`, seed {table['seed']}"
    whose = "somebody's own" if table.get("own") else ""
    files = f"{table['files']} {whose} files" if "files" in table else f"{whose} file" if whose else "a file"
    return f"{' '.join(files.split())}, sha256 `{table['sha256'][:_SHOWN_DIGITS]}`"
