"""A family's layout as the settings of an Argilla dataset."""

from typing import Any

from builders import hazards
from builders.reviewing import cells
from builders.reviewing.layout import Pane, Question, Reviewing
from builders.reviewing.rounds import Round
from builders.reviewing.server import launching

Json = dict[str, Any]

_HALF = """<div style="border: 1px solid #ccc; border-radius: 8px; padding: 12px">
<div style="font-weight: bold; font-size: 20px; margin-bottom: 6px">LETTER</div>
<div style="white-space: pre-wrap; font-size: 16px; line-height: 1.5">{{record.fields.NAME.SIDE}}</div>
</div>"""
_PAIR = (
    '<div style="display: grid; grid-template-columns: 1fr 1fr; gap: 12px; font-family: sans-serif">'
    + _HALF.replace("LETTER", "A").replace("SIDE", "left")
    + _HALF.replace("LETTER", "B").replace("SIDE", "right")
    + "</div>"
)
_HIDDEN = ("stratum", "subset")
"""Metadata that reviewers do not see, lest they know what the pipeline decided."""


def name(family: str, number: int) -> str:
    """Return the name of a round's dataset."""
    return f"{family}-round-{number}"


def workspace(family: str) -> str:
    """Return the workspace of a family's rounds: a private one where there is a hazard."""
    return launching.WORKSPACE if hazards.level(family) == "none" else launching.RESTRICTED


def dataset(family: str, what: Reviewing, opened_round: Round, workspace_id: str) -> Json:
    """Return the body by which the dataset is made."""
    return {
        "name": name(family, opened_round.round),
        "workspace_id": workspace_id,
        "guidelines": what.guidelines,
        "allow_extra_metadata": True,
        "distribution": {"strategy": "overlap", "min_submitted": opened_round.overlap},
    }


def parts(what: Reviewing) -> dict[str, list[Json]]:
    """Return the bodies by which fields, questions and metadata properties are made, by where they are posted."""
    edits = [_text(f"{cells.EDIT}{column}", f"The {column}: make it better here, or leave it") for column in what.editable]
    asked = [_asked(question) for question in cells.questions(what)]
    return {
        "fields": [_field(pane, required=place == 0) for place, pane in enumerate(what.panes)],
        "questions": [*asked, _text(cells.NOTE, "A note"), *edits],  # what is prefilled is long: last
        "metadata-properties": [
            {"name": hidden, "title": hidden, "settings": {"type": "terms"}, "visible_for_annotators": False}
            for hidden in _HIDDEN
        ],
    }


def _field(pane: Pane, *, required: bool) -> Json:
    settings: dict[str, Json] = {
        "text": {"type": "text", "use_markdown": False},
        "markdown": {"type": "text", "use_markdown": True},
        "chat": {"type": "chat", "use_markdown": True},
        "image": {"type": "image"},
        "pair": {"type": "custom", "template": _PAIR.replace("NAME", pane.name), "advanced_mode": False},
    }
    return {"name": pane.name, "title": pane.title, "required": required, "settings": settings[pane.kind]}


def _asked(question: Question) -> Json:
    options = [{"value": value, "text": text} for value, text in question.options.items()]
    kind = "multi_label_selection" if question.several else "label_selection"
    shown = {"visible_options": len(options)} if len(options) > 2 else {}  # noqa: PLR2004  (fewer are shown anyhow)
    settings = {"type": kind, "options": options, **shown}
    return {"name": question.name, "title": question.title, "required": question.required, "settings": settings}


def _text(question: str, title: str) -> Json:
    return {"name": question, "title": title, "required": False, "settings": {"type": "text", "use_markdown": False}}
