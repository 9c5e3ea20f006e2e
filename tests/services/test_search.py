"""Similarity on a real server as its pages ask for it: like a record, unlike it, like a vector, with filters and pages."""

import math
import random
from typing import Any

import pytest

from builders.reviewing.server import launching
from tests.services.conftest import Argilla, User

pytestmark = [pytest.mark.argilla, pytest.mark.timeout(1800)]

Json = dict[str, Any]
COUNT, DIMENSIONS = 60, 8
PENDING = {"type": "terms", "scope": {"entity": "response", "property": "status"}, "values": ["pending"]}


def vectors() -> list[list[float]]:
    chance = random.Random(20)  # noqa: S311
    return [[chance.gauss(0, 1) for _ in range(DIMENSIONS)] for _ in range(COUNT)]


def dataset(owner: User) -> str:
    """Make a dataset whose records have vectors, every third of them of another kind."""
    workspace = next(one["id"] for one in owner.sent("GET", "/me/workspaces")["items"] if one["name"] == launching.WORKSPACE)
    made = str(owner.sent("POST", "/datasets", {"name": "vectors", "workspace_id": workspace})["id"])
    text = {"name": "text", "title": "Text", "required": True, "settings": {"type": "text", "use_markdown": False}}
    options = [{"value": word, "text": word} for word in ("accept", "reject")]
    asked = {"name": "decision", "title": "Decision", "required": True}
    owner.sent("POST", f"/datasets/{made}/fields", text)
    owner.sent("POST", f"/datasets/{made}/questions", {**asked, "settings": {"type": "label_selection", "options": options}})
    owner.sent("POST", f"/datasets/{made}/vectors-settings", {"name": "meaning", "title": "Meaning", "dimensions": DIMENSIONS})
    kind = {"name": "kind", "title": "Kind", "settings": {"type": "terms"}}
    owner.sent("POST", f"/datasets/{made}/metadata-properties", kind)
    owner.sent("PUT", f"/datasets/{made}/publish")
    items = [
        {
            "external_id": str(place),
            "fields": {"text": f"Row {place}"},
            "metadata": {"kind": "other" if place % 3 == 0 else "one"},
            "vectors": {"meaning": vector},
        }
        for place, vector in enumerate(vectors())
    ]
    owner.sent("PUT", f"/datasets/{made}/records/bulk", {"items": items})
    return made


def ranked(to: list[float], *, among: range | list[int]) -> list[str]:
    """Return the places of vectors, the most similar first, by looking at each."""

    def cosine(one: list[float]) -> float:
        return sum(a * b for a, b in zip(one, to, strict=True)) / math.hypot(*one) / math.hypot(*to)

    found = vectors()
    return [str(place) for place in sorted(among, key=lambda place: -cosine(found[place]))]


def searched(user: User, made: str, body: Json, **query: int) -> list[str]:
    found = user.sent("POST", f"/me/datasets/{made}/records/search", body, **query)
    return [item["record"]["external_id"] for item in found["items"]]


def test_records_are_found_by_likeness_as_the_pages_ask_for_it(emptied: Argilla) -> None:
    made, user = dataset(emptied.owner), emptied.owner
    by_name = {one["external_id"]: one["id"] for one in user.sent("GET", f"/datasets/{made}/records", limit=100)["items"]}
    given = vectors()
    like = {"name": "meaning", "record_id": by_name["7"], "order": "most_similar"}
    others = [place for place in range(COUNT) if place != 7]
    nearest = ranked(given[7], among=others)
    assert searched(user, made, {"query": {"vector": like}}, limit=10) == nearest[:10]
    assert searched(user, made, {"query": {"vector": like}}, limit=10, offset=10) == nearest[10:20]
    unlike = {**like, "order": "least_similar"}
    assert searched(user, made, {"query": {"vector": unlike}}, limit=10) == nearest[::-1][:10]
    free = {"name": "meaning", "value": [1.0] * DIMENSIONS}
    assert searched(user, made, {"query": {"vector": free}}, limit=5) == ranked([1.0] * DIMENSIONS, among=range(COUNT))[:5]
    user.answer((by_name[nearest[0]], {"decision": "accept"}))
    assert searched(user, made, {"query": {"vector": like}, "filters": {"and": [PENDING]}}, limit=5) == nearest[1:6]
    kind = {"type": "terms", "scope": {"entity": "metadata", "metadata_property": "kind"}, "values": ["other"]}
    own = ranked(given[7], among=[place for place in others if place % 3 == 0])
    assert searched(user, made, {"query": {"vector": like}, "filters": {"and": [kind]}}, limit=8) == own[:8]
