"""What a release says of itself for who must answer for its use: Croissant's Responsible-AI fields, gathered in the manifest.

Names are those of the vocabulary (http://mlcommons.org/croissant/RAI/1.0) without its prefix. What a person has to say comes
from the front matter of the card's template; what was counted, from the counts of this build.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from builders.errors import BuildError
from builders.releases.statements import Statements

FIELDS = (
    "dataCollection",
    "dataCollectionType",
    "dataCollectionMissingData",
    "dataCollectionRawData",
    "dataPreprocessingProtocol",
    "dataAnnotationProtocol",
    "dataAnnotationPlatform",
    "dataAnnotationAnalysis",
    "annotationsPerItem",
    "annotatorDemographics",
    "machineAnnotationTools",
    "dataBiases",
    "dataUseCases",
    "dataLimitations",
    "dataSocialImpact",
    "personalSensitiveInformation",
    "dataReleaseMaintenancePlan",
)
"""Every field that a release states."""
PREFIX = "rai:"
MAINTENANCE = (
    "Releases are numbered versions with a list of what changed, and are never rewritten. A release can be rebuilt from its "
    "manifest and its stored replies. A row that should not be there is taken out in the next version: report its id on the "
    "page of the dataset."
)
_WRITTEN, _DRAWN, _DERIVED = "Manual Human Curation", "Software Collection", "Secondary Data Analysis"
_MODELLESS = {"recorded": "written by hand", "symbolic": "computed by rules", "none": "decided by a rule"}

Value = str | list[str]


def fields(
    statements: Statements,
    sources: Sequence[Mapping[str, Any]],
    funnel: Sequence[Mapping[str, Any]],
    answered: Mapping[str, Mapping[str, Any]],
    review: Mapping[str, Any] | None,
) -> dict[str, Value]:
    """Return the fields of a release.

    Args:
        statements: what a person says of the data.
        sources: each source, as the manifest has it.
        funnel: the counts of the stages.
        answered: role → who answered.
        review: what people decided, as the manifest has it.
    """
    return {
        "dataCollection": statements.collection,
        "dataCollectionType": sorted({_kind(source) for source in sources}),
        "dataCollectionMissingData": _missing(funnel),
        "dataCollectionRawData": "; ".join(_source(source) for source in sources),
        "dataPreprocessingProtocol": [_stage(stage) for stage in funnel],
        "dataAnnotationProtocol": [statements.annotation],
        "dataAnnotationPlatform": ["Argilla, or files in its form" if review else "none: nobody has reviewed rows"],
        "dataAnnotationAnalysis": [_agreement(review)],
        "annotationsPerItem": _per_item(answered, review),
        "annotatorDemographics": [_people(review)],
        "machineAnnotationTools": [_tool(role, who) for role, who in answered.items()] or ["none: no model was asked"],
        "dataBiases": statements.biases,
        "dataUseCases": [f"For {statements.for_whom}", f"Not for {statements.not_for}", *statements.use_cases],
        "dataLimitations": statements.limitations,
        "dataSocialImpact": statements.social_impact,
        "personalSensitiveInformation": statements.sensitive_information,
        "dataReleaseMaintenancePlan": MAINTENANCE,
    }


def metadata(stated: Mapping[str, Value] | None, where: str) -> dict[str, Value]:
    """Return the fields as Croissant has them.

    Args:
        stated: those of the manifest.
        where: the manifest, for messages.

    Raises:
        BuildError: the manifest lacks one, which is named.
    """
    found = stated or {}
    if missing := [name for name in FIELDS if not found.get(name)]:
        what = f"the manifest has nothing for {PREFIX}{missing[0]}"
        raise BuildError(what, where=where, fix="state it in the front matter of the card, and release again")
    return {PREFIX + name: found[name] for name in FIELDS}


def _kind(source: Mapping[str, Any]) -> str:
    if "repository" in source:
        return _DERIVED
    return _DRAWN if "generator" in source else _WRITTEN


def _source(source: Mapping[str, Any]) -> str:
    where = source.get("repository") or source.get("generator") or f"sha256 {source['sha256']}"
    return f"{source['id']} ({where}; {source['license']}; {source['rows']} rows released)"


def _stage(stage: Mapping[str, Any]) -> str:
    rejected = ", ".join(f"{reason} {count}" for reason, count in stage["rejected"].items())
    spawned = f", {stage['spawned']} spawned" if stage["spawned"] else ""
    return f"{stage['stage']}: {stage['in']} rows in{spawned}, {sum(stage['out'].values())} out; rejected: {rejected or 'none'}"


def _missing(funnel: Sequence[Mapping[str, Any]]) -> str:
    total = sum(sum(stage["rejected"].values()) for stage in funnel)
    return f"No row is dropped without a record: {total} were rejected, each with stage, reason and evidence, and are counted."


def _per_item(answered: Mapping[str, Mapping[str, Any]], review: Mapping[str, Any] | None) -> str:
    roles = ", ".join(answered) or "none"
    kept = review["kept"] if review else {"reviewed": 0, "rows": "the"}
    return f"Models in these roles: {roles}. People decided about {kept['reviewed']} of {kept['rows']} kept rows."


def _agreement(review: Mapping[str, Any] | None) -> str:
    agreement = review["agreement"] if review else {}
    alphas = {name: one["alpha"] for name, one in agreement.items() if one["alpha"] is not None}
    if not alphas:
        return "Agreement of people was not measured in this build."
    return "Krippendorff's alpha: " + ", ".join(f"{name} {alpha:.2f}" for name, alpha in alphas.items())


def _people(review: Mapping[str, Any] | None) -> str:
    count = len(review["reviewers"]) if review else 0
    return f"{count} reviewers under pseudonyms; nothing else about them is recorded."


def _tool(role: str, who: Mapping[str, Any]) -> str:
    if who["server"] in _MODELLESS:
        return f"{role}: {who['model']}, {_MODELLESS[who['server']]}, no model"
    return f"{role}: {who['model']}, revision {who['revision'] or 'not recorded'}"
