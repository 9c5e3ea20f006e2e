"""The dataset card: prose by hand in `cards/<family>.md`, a Jinja template; figures, and the front matter, by the release."""

from typing import Any

import jinja2
from datasets.info import DatasetInfo, DatasetInfosDict
from huggingface_hub import DatasetCard, DatasetCardData

from builders import families, paths, schema
from builders.errors import BuildError
from builders.params import Params

_SHOWN_DIGITS = 10
_HUB_LICENCES = {"odc-by-1.0": "odc-by"}
"""SPDX identifier → the Hub's, where they differ by more than case."""
_MANUAL = "harmful-text"
"""The hazard whose gate a person opens, not a form."""


def card(family: str, params: Params, infos: dict[str, DatasetInfo], facts: dict[str, Any]) -> str:
    """Return the card of a release.

    Args:
        family: its name.
        params: what it was built with.
        infos: what is in each config that has rows.
        facts: the manifest.

    Raises:
        BuildError: the template is broken, or lacks what a hazard family's card must say.
    """
    default = families.subsets(family)[0]
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, keep_trailing_newline=True, autoescape=False)  # noqa: S701
    environment.filters["rejections"] = _rejections
    environment.filters["place"] = _place
    gate = families.module(family).GATE
    try:
        text = environment.from_string(paths.card(family).read_text(encoding="utf-8")).render(
            facts=facts,
            title=families.module(family).TITLE,
            gate=gate,
            configs=facts["rows"],
            columns=schema.columns(family, default),
            columns_of=lambda config: schema.columns(family, config),
            params=params,
            **{key: facts[key] for key in _SHOWN},
        )
    except jinja2.TemplateError as error:
        raise BuildError(f"{type(error).__name__}: {error.message}", where=paths.card(family), fix="mend the card") from None
    if missing := [name for name, said in (("terms of use", gate), ("canary", facts["canary"])) if said not in text]:
        raise BuildError(f"the card does not state the {missing[0]}", where=paths.card(family), fix="add the field to the card")
    return str(DatasetCard(f"---\n{_front_matter(family, infos, facts).to_yaml()}\n---\n\n{text}"))


_SHOWN = ("family", "sample", "recorded", "canary", "stages", "sources", "decontamination", "answered_by")


def _front_matter(family: str, infos: dict[str, DatasetInfo], facts: dict[str, Any]) -> DatasetCardData:
    about = families.module(family)
    licences = sorted({source["license"].lower() for source in facts["sources"] if source["rows"]})
    data = DatasetCardData(
        pretty_name=about.TITLE,
        language=list(about.LANGUAGES),
        license=_HUB_LICENCES.get(licences[0], licences[0]) if len(licences) == 1 else "other",
        license_name=None if len(licences) == 1 else "per-row",
        task_categories=list(about.TASKS),
        tags=list(about.TAGS),
    )
    infos_of = DatasetInfosDict(infos)
    infos_of.to_dataset_card_data(data)
    default = families.subsets(family)[0]
    data["configs"] = [
        {
            "config_name": config,
            "data_files": [{"split": "train", "path": f"{config}/train-*.parquet"}],
            **({"default": True} if config == default else {}),
        }
        for config in infos
    ]
    for name, value in _gating(family).items():
        data[name] = value
    return data


def _gating(family: str) -> dict[str, Any]:
    """Return the front matter by which the Hub asks for the terms to be accepted."""
    about = families.module(family)
    if about.HAZARD == "none":
        return {}
    review = " Requests are looked at one by one." if about.HAZARD == _MANUAL else ""
    return {
        "extra_gated_heading": f"Access to {about.TITLE} is for research",
        "extra_gated_prompt": about.GATE + review,
        "extra_gated_fields": {"Affiliation": "text", "Intended use": "text", "I accept these terms": "checkbox"},
        "extra_gated_button_content": "Ask for access",
    }


def _rejections(rejected: dict[str, int]) -> str:
    return ", ".join(f"{reason} {count}" for reason, count in rejected.items()) or "none"


def _place(table: dict[str, Any]) -> str:
    """Say where a source or an evaluation set lies."""
    if "repository" in table:
        return f"`{table['repository']}` at `{table['revision'][:_SHOWN_DIGITS]}`"
    if "generator" in table:
        return f"made by `{table['generator']}`, seed {table['seed']}"
    return f"a file, sha256 `{table['sha256'][:_SHOWN_DIGITS]}`"
