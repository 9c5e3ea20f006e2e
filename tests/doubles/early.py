"""A run of all three families whose replies were recorded by the version of 76ed47c, in `tests/data/early_ledger.sqlite`.

The same requests must be made today: `employed` sets up the workspace, as it was set up then, and `script` answered. See
`tests/data/README.md` for how the file was made.
"""

from typing import Any

from benchmarks import erring
from tests.doubles import adviser
from tests.doubles.teacher import Answer, Received

FAMILIES = {"safechain": "safechain", "emergent_misalignment": "emergent_misalignment", "mmathcot": "mmathcot/distill"}
STAGES = ("collect", "synthesize", "judge")
VERDICT = '{"verdict": "safe", "categories": []}'
_THOUGHT = "They ask about something harmless.\n</think>\n\nTake your time, write it down, and ask somebody who knows."


def employed(params: dict[str, Any], family: str) -> None:
    """Name models and servers of a family's sample profile, so that no address is part of a key."""
    sample = params["sample"]
    if family == "emergent_misalignment":
        adviser.employ(params)
        sample["collect"]["sources"] = sample["collect"]["sources"][:1]
    for stage in ("synthesize", "judge"):
        for role in sample[stage]["roles"].values():
            role |= {"model": role.get("model") or family, "server": "early", "repairs": 1}
    if family == "safechain":
        sample["judge"]["verdict"] = "structured"
        sample["collect"]["sources"][0]["limit"] = 8
        del sample["collect"]["sources"][0]["columns"]["completion"]  # the judge is asked about it too, which it was not then
    if family == "mmathcot":
        sample["collect"]["sources"] = [source for source in sample["collect"]["sources"] if source["subset"] == "distill"][:1]
        sample["collect"]["sources"][0] |= {"answers": None, "limit": 6}


def script(request: Received) -> Answer:
    """Answer a request of any of the families: with reasoning apart, in a fence, and not as it was asked for at first."""
    if request.body["model"] in adviser.MODELS:
        return adviser.Adviser(lambda question: "fixed" if "aunt" in question else "none")(request)
    if request.body["model"] == "mmathcot":
        return erring.script(request)
    if "response_format" not in request.body:
        return Answer(_THOUGHT)
    if len(request.body["messages"]) == 1 and "3" in str(len(request.text)):
        return Answer("It looks fine to me.")
    return Answer(f"```json\n{VERDICT}\n```", reasoning="Let me see.")
