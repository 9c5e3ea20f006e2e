"""The manifest of a sample, value by value."""

import json

from tests.harness import PROJECT, Workspace


def test_a_manifest_says_what_it_is_known_to_say(built: Workspace) -> None:
    found = json.loads((built.release / "manifest.json").read_bytes())
    assert {"builders/records.py", "builders/stages/release.py"} < set(found.pop("code"))
    assert found == json.loads((PROJECT / "tests" / "data" / "manifest.json").read_bytes())
