"""Images travel to a teacher over HTTP, the engine's figures too, and planted faults are found again."""

import base64
import hashlib
from collections import Counter
from typing import Any

from benchmarks.erring import fault, parse, script
from builders.stages.running import run
from tests.doubles.teacher import serving
from tests.harness import Workspace

FAMILY = "mmathcot"


def _parts(body: dict[str, Any]) -> tuple[str, str | None]:
    """Return text and image of a request."""
    content = body["messages"][0]["content"]
    if isinstance(content, str):
        return content, None
    image, text = content
    return text["text"], image["image_url"]["url"]


def test_a_model_is_shown_the_image_and_its_faults_are_found(workspace: Workspace) -> None:
    with workspace.params(FAMILY) as params:
        section = params["sample"]["collect"]
        section["sources"] = [source for source in section["sources"] if source["subset"] == "made"]
        for source in section["sources"]:
            source["answers"] = None
    workspace.project(teacher="endpoint")
    with serving(script) as server, workspace.inside(BUILDERS_TEACHER_URL=server.url):
        for stage in ("collect", "synthesize", "judge", "filter"):
            run(stage, f"{FAMILY}/made")
    asked = [parts for request in server.asked if "<BEGIN KNOWN ANSWER>" not in (parts := _parts(request.body))[0]]
    seen = {hashlib.sha256(base64.b64decode(url.partition("base64,")[2])).hexdigest() for _, url in asked if url}
    rows = workspace.rows("collect", "made", FAMILY)
    assert {row["data"]["picture"]["sha256"] for row in rows if row["data"]["picture"]} <= seen
    assert len(seen) > 28
    planned = Counter(fault(parse(text)) for text in {text for text, _ in asked})
    fates = [
        line["rejection"]["reason"] for stage in ("synthesize", "filter") for line in workspace.rejected(stage, "made", FAMILY)
    ]
    kept = len(workspace.rows("filter", "made", FAMILY))
    assert Counter([*fates, *["none"] * kept]) == planned
    assert planned["none"] > len(rows) // 3
