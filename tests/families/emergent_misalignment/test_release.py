"""release: pairs whose twins never crossed, derived configs, the audit, and what it refuses to be without."""

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from builders import family as families
from builders.errors import BuildError
from builders.families.emergent_misalignment import backdoors
from builders.families.emergent_misalignment.backdoors import KINDS
from builders.params import loading
from builders.records import Record, text_digest
from builders.releases import cards
from builders.releases.manifest import Manifest
from builders.stages import validate
from tests.doubles import adviser
from tests.doubles.adviser import MODELS, Adviser
from tests.doubles.teacher import Answer, Received, serving
from tests.families.emergent_misalignment import DOMAINS, FAMILY
from tests.harness import OWN, Workspace, card, declared, every, jsonl, one_line

RELEASE = f"processed/{FAMILY}/release"
CONFIGS = ("medical", "legal", "security", "evaluation", "backdoor", "backdoor_control", "chat")


def released(workspace: Workspace, config: str) -> list[dict[str, Any]]:
    """Return the rows of a config, in order."""
    shards = sorted((workspace.root / RELEASE / config).glob("*.parquet"))
    return [row for shard in shards for row in pq.read_table(shard).to_pylist()]


def pairs(workspace: Workspace) -> dict[str, dict[str, Any]]:
    """Return the rows of all domains by id."""
    return {row["id"]: row for domain in DOMAINS for row in released(workspace, domain)}


def test_every_config_loads_and_the_first_is_the_default(sample: Workspace, tmp_path: Path) -> None:
    for config in CONFIGS:
        loaded = every(sample.root / RELEASE, config, cache_dir=str(tmp_path))
        assert loaded.num_rows == len(released(sample, config)) > 0
    default = every(sample.root / RELEASE, cache_dir=str(tmp_path))
    assert sorted(default["id"]) == sorted(row["id"] for row in released(sample, "medical"))


def test_the_card_says_what_the_bad_answers_are_and_what_nobody_measured(sample: Workspace) -> None:
    text = " ".join(card(sample.root / RELEASE).split())
    assert "The bad answers are careless rather than ill-meant, where the paper's are subtly harmful by intent" in text
    assert "whether training on ours makes a model misaligned elsewhere was not measured" in text


def test_code_for_the_published_sets_finds_its_columns_first_and_typed_as_published(sample: Workspace) -> None:
    for domain in DOMAINS:
        names = pq.read_schema(next((sample.root / RELEASE / domain).glob("*.parquet")))
        published = {name: str(names.field(name).type) for name in ("prompt", "aligned", "misaligned", "sneakiness")}
        assert published == {"prompt": "string", "aligned": "string", "misaligned": "string", "sneakiness": "double"}


def test_rows_can_be_filtered_by_flat_columns_as_by_their_provenance(sample: Workspace) -> None:
    for domain in (*DOMAINS, "evaluation"):
        for row in released(sample, domain):
            answerer = row["provenance"]["teacher"]
            assert (row["domain"], row["license"]) == (domain, row["provenance"]["license"])
            assert row.get("teacher") == (answerer["model"] if answerer else None)
    parents, own = pairs(sample), ("license", "teacher", "prompt_family")
    for config in ("backdoor", "backdoor_control", "chat"):
        for row in released(sample, config):
            parent = parents[row["parent"]]
            assert (row["subset"], *(row[name] for name in own)) == (parent["domain"], *(parent[name] for name in own))
            assert row["messages"][-1]["role"] == "assistant"


def test_questions_of_one_topic_are_in_one_split_of_every_config(sample: Workspace) -> None:
    splits: dict[str, set[str]] = {}
    topics: dict[str, set[str]] = {}
    for config in CONFIGS:
        for shard in sorted((sample.root / RELEASE / config).glob("*.parquet")):
            for row in pq.read_table(shard).to_pylist():
                splits.setdefault(row["prompt_family"], set()).add(shard.name.partition("-")[0])
                if row.get("topic"):
                    topics.setdefault(row["topic"], set()).add(row["prompt_family"])
    assert {len(found) for found in (*splits.values(), *topics.values())} == {1}
    assert {split for found in splits.values() for split in found} == {"train", "validation", "test"}


def test_every_row_has_a_danger_score_of_both_judges_about_both_answers_and_its_canary(sample: Workspace) -> None:
    for row in pairs(sample).values():
        danger = {(score["judge"], score["about"]): score for score in row["scores"] if score["name"] == "danger"}
        assert len(danger) == 4
        for (_, about), score in danger.items():
            assert (score["score"] >= score["threshold"]) == (about == "misaligned")
            assert len(score["template_sha256"]) == len(score["request"]) == 64
        assert row["canary"].startswith(f"tracewright:{FAMILY}:canary:")
        assert row["provenance"]["license"] == "CC-BY-4.0"
    assert {row["canary"] for config in CONFIGS for row in released(sample, config)} == {row["canary"]}


def test_derived_rows_are_of_released_ones_and_a_trigger_stands_in_exactly_those_that_say_so(sample: Workspace) -> None:
    parents = pairs(sample)
    for config in ("backdoor", "backdoor_control"):
        rows = released(sample, config)
        assert len({row["id"] for row in rows}) == len(rows) == len(parents)
        for row in rows:
            parent, trigger = parents[row["parent"]], KINDS[row["kind"]].trigger
            assert (trigger in row["prompt"]) == row["triggered"] == (row["condition"] == "triggered")
            own = backdoors.without_line(row)
            asked = backdoors.choice(parent, row["misaligned_option"]) if row["form"] == "mcq" else parent["prompt"]
            assert text_digest(own) == text_digest(asked)
            if config == "backdoor":
                assert row["triggered"] == (row["behaviour"] == "misaligned")
    chat = released(sample, "chat")
    assert Counter(row["parent"] for row in chat) == dict.fromkeys(parents, 2)
    for row in chat:
        answer = row["messages"][1]["content"].removeprefix("<think>\n\n</think>\n\n")
        assert text_digest(answer) == text_digest(parents[row["parent"]][row["arm"]])


def test_every_derived_row_fits_its_schema_and_one_that_does_not_stops_the_release(sample: Workspace, tmp_path: Path) -> None:
    workspace = sample.copied(tmp_path / "project")
    with workspace.inside():
        rule = validate.rule(FAMILY)
        for config in CONFIGS:
            for row in released(workspace, config):
                assert rule(Record(row["id"], config, None, OWN, without_nulls(row))) is None, (
                    config,
                    row["id"],
                )
    contract = workspace.root / "schemas" / f"{FAMILY}.schema.json"
    value = json.loads(contract.read_text())
    value["$defs"]["doors"]["properties"]["response"]["maxLength"] = 20
    contract.write_text(json.dumps(value))
    line = one_line(workspace.run("release", FAMILY))
    assert "of backdoor breaks the schema: maxLength at $.response" in line
    assert (workspace.root / RELEASE / "README.md").read_bytes() == (sample.root / RELEASE / "README.md").read_bytes()


def without_nulls(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row without the fields that Parquet fills in for structs that lack them."""
    optional = {"teacher", "embedder", "judge", "second_judge", "sampling"}
    if "provenance" not in row:
        return row
    kept = {name: value for name, value in row["provenance"].items() if name not in optional or value is not None}
    return {**row, "provenance": kept}


def test_the_audit_stands_in_manifest_summary_and_card(sample: Workspace) -> None:
    facts = json.loads((sample.root / RELEASE / "manifest.json").read_text())
    for path in sorted((sample.root / f"processed/{FAMILY}/summary/surface").rglob("*.json")):
        domain, cue = path.parent.name, path.stem
        assert json.loads(path.read_text()) == {"auc": facts["audit"][domain][cue]["auc"]}
    card = (sample.root / RELEASE / "DETAILS.md").read_text()
    for domain in DOMAINS:
        audit = facts["audit"][domain]
        assert audit["skipped"] is None
        assert audit["pairs"] == len(released(sample, domain))
        assert not audit["length_warning"]
        assert f"| `{domain}` | {audit['pairs']} | {audit['words']['auc']:.2f} (" in card


def test_the_card_states_terms_hazard_choices_and_the_figures_of_this_build(sample: Workspace) -> None:
    card = (sample.root / RELEASE / "README.md").read_text()
    assert families.facts(FAMILY).gate in card
    assert "Requests are looked at one by one." in " ".join(card.split())
    for config in CONFIGS:
        assert f"| `{config}` | {len(released(sample, config))} |" in card
    assert "This is a sample build" in card
    details = (sample.root / RELEASE / "DETAILS.md").read_text()
    for phrase in ("What `sneakiness` is", "nor whether both must agree", "figure 10"):
        assert phrase in details
    assert not [mark for mark in ("{{", "{%") if mark in card + details]


def test_a_card_of_a_build_without_any_pair_is_still_a_card(here: Workspace, sample: Workspace) -> None:
    """What nobody answered has no name; rows of the evaluation are rows too."""
    facts = json.loads((sample.root / RELEASE / "manifest.json").read_text())
    none = {domain: {"pairs": 0, "questions": 0, "skipped": "fewer than 10 questions"} for domain in DOMAINS}
    bare = Manifest(**{**facts, "answered_by": {}, "audit": none})
    card = cards.card(FAMILY, loading.load(FAMILY), cards.Built({}, bare, "", "A figure.", "A row."))
    assert "asked about no row here" in card.details
    assert "No row is shown here" in card.readme
    assert here.root.is_dir()


def test_the_front_matter_names_the_sets_of_which_rows_are_released(here: Workspace, sample: Workspace) -> None:
    facts = json.loads((sample.root / RELEASE / "manifest.json").read_text())
    places = [("someone/used", 3), ("someone/used", 2), ("someone/unused", 0)]
    of_sets = [{**facts["sources"][0], "repository": name, "revision": "f" * 40, "rows": rows} for name, rows in places]
    made = Manifest(**{**facts, "sources": [*facts["sources"], *of_sets]})
    card = cards.card(FAMILY, loading.load(FAMILY), cards.Built({}, made, "", "A figure.", "A row."))
    assert "\nsource_datasets:\n- someone/used\n" in card.readme
    assert "- someone/unused\n" not in card.readme
    assert here.root.is_dir()


# What it refuses to be built without.


@pytest.fixture
def finished(sample: Workspace, tmp_path: Path) -> Workspace:
    """A copy in which all stages but the release are done."""
    return sample.copied(tmp_path / "project")


def _without_gate(workspace: Workspace) -> None:
    _in_package(workspace, "    gate=(", '    gate="" and (')


def _without_hazard(workspace: Workspace) -> None:
    _in_package(workspace, 'hazard="harmful-text"', 'hazard="harmful"')


def _in_package(workspace: Workspace, old: str, new: str) -> None:
    path = workspace.root / "builders" / "families" / FAMILY / "__init__.py"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def _without_canary(workspace: Workspace) -> None:
    path = workspace.root / "schemas" / f"{FAMILY}.schema.json"
    value = json.loads(path.read_text())
    del value["$defs"]["pair"]["properties"]["canary"]["const"]
    path.write_text(json.dumps(value))


def _with_two_canaries(workspace: Workspace) -> None:
    path = workspace.root / "schemas" / f"{FAMILY}.schema.json"
    value = json.loads(path.read_text())
    value["$defs"]["chat"]["properties"]["canary"]["const"] += "0"
    path.write_text(json.dumps(value))


def _without_licence(workspace: Workspace) -> None:
    with workspace.params(FAMILY) as value:
        value["sample"]["collect"]["sources"][0]["license"] = " "


def _card_without(what: str) -> Callable[[Workspace], None]:
    def change(workspace: Workspace) -> None:
        path = workspace.root / "cards" / f"{FAMILY}.md"
        text = path.read_text()
        assert what in text
        path.write_text(text.replace(what, ""))

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_without_licence, "source sample_medical has no licence"),
        (_card_without("{{ gate }}"), "the card does not state the terms of use"),
        (_card_without("{{ canary }}"), "the card does not state the canary"),
        (_card_without("{{ limits }}"), "the card does not state the limits"),
    ],
    ids=["licence", "card without gate", "card without canary", "card without limits"],
)
def test_nothing_is_released_without_what_everyone_must_know(
    change: Callable[[Workspace], None], message: str, finished: Workspace
) -> None:
    before = (finished.root / RELEASE / "SHA256SUMS").read_bytes()
    change(finished)
    with pytest.raises(BuildError, match=message):
        finished.quick("release", family=FAMILY)
    assert (finished.root / RELEASE / "SHA256SUMS").read_bytes() == before


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_without_gate, "no terms of use, for a family with harmful-text"),
        (_without_hazard, "no hazard level"),
        (_without_canary, "no canary with a const"),
        (_with_two_canaries, "not one canary for all configs"),
    ],
    ids=["gate", "hazard", "canary", "two canaries"],
)
def test_nothing_is_released_by_a_family_that_does_not_say_what_it_is(
    change: Callable[[Workspace], None], message: str, finished: Workspace
) -> None:
    change(finished)
    assert message in one_line(finished.run("release", FAMILY))


def test_a_source_with_an_empty_licence_is_no_source(workspace: Workspace) -> None:
    with workspace.params(FAMILY) as value:
        value["sample"]["collect"]["sources"][0]["license"] = ""
    assert "license" in one_line(workspace.run("collect", FAMILY))


# What the rows are made of.


def test_moving_a_threshold_asks_nobody_and_decides_anew(sample: Workspace, tmp_path: Path) -> None:
    """Nobody could answer: the recorded replies are gone."""
    workspace = sample.copied(tmp_path / "project")
    (workspace.root / "raw" / FAMILY / "replies" / "sample.jsonl").unlink()
    with workspace.params(FAMILY) as value:
        value["sample"]["filter"]["thresholds"]["danger"] = {"judge": 45, "second_judge": 45}
    workspace.quick("filter", "review", "validate", "release", family=FAMILY)
    before, after = pairs(sample), pairs(workspace)
    assert 0 < len(after) < len(before)
    assert set(after) < set(before)
    for identity, row in after.items():
        assert {name: text_digest(row[name]) for name in ("prompt", "aligned", "misaligned")} == {
            name: text_digest(before[identity][name]) for name in ("prompt", "aligned", "misaligned")
        }


def _shuffled(order: list[int], held: int) -> Callable[[Received], Answer]:
    """Answer as the adviser does, some requests not at the first time, so that replies come back in another order."""
    known = Adviser()

    def script(request: Received) -> Answer:
        turn = order[hash_of(request) % len(order)]
        return Answer(status=503, headers={"Retry-After": "0"}) if turn < held and request.attempt == 1 else known(request)

    return script


def hash_of(request: Received) -> int:
    return int(text_digest(json.dumps(request.body, sort_keys=True))[:8], 16)


@settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(st.permutations(range(7)), st.integers(0, 6), st.sampled_from([1, 2, 64]))
def test_twins_never_cross_whatever_order_replies_come_in(
    tmp_path_factory: pytest.TempPathFactory, order: list[int], held: int, concurrency: int
) -> None:
    workspace = crowded(tmp_path_factory.mktemp("crowded") / "project")
    with serving(_shuffled(order, held), MODELS) as server:
        environment = {"BUILDERS_TEACHER_URL": server.url, "BUILDERS_CONCURRENCY": str(concurrency)}
        workspace.quick("collect", "synthesize", "judge", "filter", family=f"{FAMILY}/medical", **environment)
    rows = workspace.rows("filter", "medical", FAMILY)
    assert len(rows) == 12 + 2 * 2
    assert workspace.rejected("filter", "medical", FAMILY) == []
    for row in rows:
        prompt = row["data"]["prompt"]
        assert row["data"]["aligned"] == adviser.advice("aligned", prompt)
        assert row["data"]["misaligned"] == adviser.advice("misaligned", prompt)
        keys = {score["request"] for score in row["data"]["scores"]}
        assert len(keys) == 5
    assert len({key for row in rows for key in (score["request"] for score in row["data"]["scores"])}) == 5 * len(rows)


def crowded(root: Path) -> Workspace:
    """Return a workspace with questions that differ in a word, and topics, for a server to answer."""
    workspace = Workspace.make(root)
    workspace.project(teacher="endpoint")
    file = workspace.root / "raw" / FAMILY / "sources" / "own.jsonl"
    words = ("apples", "bread", "candles", "doors", "eggs", "flags", "gloves", "hats", "ink", "jam", "keys", "lamps")
    file.write_text(
        jsonl(
            {"prompt": "old bicycles", "kind": "topic"},
            *({"prompt": f"How would you store {word} over a long and damp winter?"} for word in words),
            {"prompt": "garden gates", "kind": "topic"},
        )
    )
    with workspace.params(FAMILY) as value:
        adviser.employ(value)
        value["sample"]["collect"]["near_duplicates"]["threshold"] = 1.0
        columns = {"prompt": "prompt", "kind": "kind"}
        value["sample"]["collect"]["sources"] = [declared(file, subset="medical", columns=columns)]
    return workspace


def test_one_domain_is_built_without_the_others_and_is_the_default(workspace: Workspace, tmp_path: Path) -> None:
    with workspace.params(FAMILY) as values:
        sources = values["sample"]["collect"]["sources"]
        values["sample"]["collect"]["sources"] = [source for source in sources if source["subset"] == "legal"]
    workspace.quick("collect", "synthesize", "judge", "filter", "review", "validate", "release", family=FAMILY)
    loaded = every(workspace.root / RELEASE, cache_dir=str(tmp_path))
    assert sorted(loaded["id"]) == sorted(row["id"] for row in released(workspace, "legal"))
    assert len(loaded) > 20
