"""collect: every rule with its reason, duplicates of all kinds, and names that depend on nothing they should not."""

import random
from itertools import combinations
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from builders import records
from builders.errors import BuildError
from builders.jobs import counts
from builders.stages.running import run
from tests.harness import FAMILY, Workspace, jsonl

_KEYED = {"key": "k", "instruction": "p", "label": "t"}
_LONG = "the quick brown fox jumps over the lazy dog while seven old sailors sing a slow song about rain in the harbour"


def _rows(*prompts: object) -> list[dict[str, Any]]:
    """Give each prompt a key: a, b, c and so on."""
    return [{"k": chr(ord("a") + number), "p": prompt, "t": None} for number, prompt in enumerate(prompts)]


def _collect(here: Workspace, rows: list[dict[str, Any]], **entry: Any) -> None:  # noqa: ANN401  (as the harness)
    here.source("own.jsonl", jsonl(*rows), **{"columns": _KEYED, **entry})
    run("collect", FAMILY)


def _sources(here: Workspace, **contents: list[dict[str, Any]]) -> None:
    """Collect from several sources, each with its rows and its own name."""
    declared = []
    for name, rows in contents.items():
        here.source(f"{name}.jsonl", jsonl(*rows), columns=_KEYED, id=name)
        with here.params() as params:
            declared += params["sample"]["collect"]["sources"]
    with here.params() as params:
        params["sample"]["collect"]["sources"] = declared
    run("collect", FAMILY)


def _kept(here: Workspace) -> list[str]:
    """Return the keys of the kept rows."""
    return [row["provenance"]["source_key"] for row in here.rows("collect")]


def _why(here: Workspace) -> dict[str, str]:
    """Return the reasons of the rejected rows by key."""
    return {line["row"]["provenance"]["source_key"]: line["rejection"]["reason"] for line in here.rejected("collect")}


def _evidence(here: Workspace, key: str) -> dict[str, Any]:
    found = [line for line in here.rejected("collect") if line["row"]["provenance"]["source_key"] == key]
    assert len(found) == 1
    evidence: dict[str, Any] = found[0]["rejection"]["evidence"]
    return evidence


def _grams(text: str, size: int) -> set[tuple[str, ...]]:
    words = text.split()
    return {tuple(words[start : start + size]) for start in range(len(words) - size + 1)}


def _jaccard(one: str, other: str) -> float:
    first, second = _grams(one, 3), _grams(other, 3)
    return len(first & second) / len(first | second)


def test_each_rule_rejects_with_its_reason_and_evidence(here: Workspace) -> None:
    rows: list[dict[str, Any]] = [
        {"k": "fine", "p": _LONG, "t": "vanilla_benign"},
        {"k": "null", "p": None, "t": None},
        {"k": "number", "p": 42, "t": None},
        {"k": "list", "p": ["a", "prompt", "in", "pieces"], "t": None},
        {"k": "blank", "p": " \n\t\u00a0", "t": None},
        {"k": "empty", "p": "", "t": None},
        {"k": "fine", "p": "another prompt under a key that was there", "t": None},
        {"k": "label", "p": "what may one ask about labels here", "t": "odd"},
        {"k": "short", "p": "go on", "t": None},
        {"k": "long", "p": "word " * 121, "t": None},
        {"k": "spanish", "p": "Hola, me gustar\u00eda saber cu\u00e1l es la mejor manera de aprender a cocinar", "t": None},
        {"k": "exact", "p": f"  {_LONG.upper()} ", "t": None},
        {"k": "near", "p": f"{_LONG} today", "t": None},
    ]
    _collect(here, rows)
    fine = here.rows("collect")[0]["id"]
    found = [(line["row"]["provenance"]["source_key"], line["rejection"]) for line in here.rejected("collect")]
    language = _evidence(here, "spanish")
    assert _kept(here) == ["fine"]
    assert found == [
        ("null", {"reason": "bad_prompt", "evidence": {"type": "NoneType"}}),
        ("number", {"reason": "bad_prompt", "evidence": {"type": "int"}}),
        ("list", {"reason": "bad_prompt", "evidence": {"type": "list"}}),
        ("blank", {"reason": "bad_prompt", "evidence": {"type": "str"}}),
        ("empty", {"reason": "bad_prompt", "evidence": {"type": "str"}}),
        ("fine", {"reason": "duplicate_id", "evidence": {"first_source_row": 1}}),
        ("label", {"reason": "bad_label", "evidence": {"type": "str", "length": 3}}),
        ("short", {"reason": "prompt_too_short", "evidence": {"words": 2, "min": 3}}),
        ("long", {"reason": "prompt_too_long", "evidence": {"words": 121, "max": 120}}),
        ("spanish", {"reason": "language", "evidence": language}),
        ("exact", {"reason": "exact_duplicate", "evidence": {"duplicate_of": fine}}),
        (
            "near",
            {
                "reason": "near_duplicate",
                "evidence": {"duplicate_of": fine, "jaccard": round(_jaccard(_LONG, f"{_LONG} today"), 4)},
            },
        ),
    ]
    assert language["language"] == "es"
    assert language["words"] == 13
    assert 0.8 < language["confidence"] <= 1


def test_bounds_of_length_are_inclusive(here: Workspace) -> None:
    _collect(
        here, _rows("one two", "one two three", " ".join(f"w{n}" for n in range(120)), " ".join(f"v{n}" for n in range(121)))
    )
    assert _kept(here) == ["b", "c"]


def test_kept_and_rejected_rows_keep_the_order_of_the_input(here: Workspace) -> None:
    run("collect", FAMILY)
    kept = [row["provenance"]["source_row"] for row in here.rows("collect")]
    rejected = [line["row"]["provenance"]["source_row"] for line in here.rejected("collect")]
    assert kept == sorted(kept)
    assert rejected == sorted(rejected)
    assert sorted(kept + rejected) == list(range(1, len(kept) + len(rejected) + 1))
    assert "near_duplicate" in here.reasons("collect")[1:-1]


def test_of_near_duplicates_the_first_is_kept_and_named(here: Workspace) -> None:
    other = "a completely different question about how bread rises when the kitchen is cold and the flour is old"
    _collect(here, _rows(other, f"{_LONG} now", _LONG, f"so {_LONG} now", f"{other} please"))
    ids = {row["provenance"]["source_key"]: row["id"] for row in here.rows("collect")}
    assert list(ids) == ["a", "b"]
    assert _why(here) == dict.fromkeys("cde", "near_duplicate")
    assert _evidence(here, "c") == {"duplicate_of": ids["b"], "jaccard": round(_jaccard(_LONG, f"{_LONG} now"), 4)}
    assert _evidence(here, "d")["duplicate_of"] == ids["b"]
    assert _evidence(here, "e") == {"duplicate_of": ids["a"], "jaccard": round(_jaccard(other, f"{other} please"), 4)}


def test_near_duplicates_see_no_case_or_punctuation(here: Workspace) -> None:
    _collect(here, _rows(_LONG, _LONG.replace(" while", ", While").replace(" about", "; about") + "!"))
    assert _why(here) == {"b": "near_duplicate"}
    assert _evidence(here, "b")["jaccard"] == 1.0


def test_a_pair_below_the_threshold_is_kept_and_one_at_it_is_not(here: Workspace) -> None:
    words = [f"word{number}" for number in range(20)]
    below = " ".join([*words[:-2], "other", "end"])
    at = " ".join(words[:-2])
    whole = " ".join(words)
    assert _jaccard(whole, below) == 16 / 20
    with here.params() as params:
        params["sample"]["collect"]["near_duplicates"]["threshold"] = 0.81
    _collect(here, _rows(whole, below))
    assert _kept(here) == ["a", "b"]
    assert _jaccard(whole, at) == 16 / 18
    with here.params() as params:
        params["sample"]["collect"]["near_duplicates"] |= {"threshold": 16 / 18, "bands": 60, "hashes_per_band": 3}
    _collect(here, _rows(whole, at))
    assert _kept(here) == ["a"]


def test_a_row_is_compared_with_kept_rows_only(here: Workspace) -> None:
    """A chain a ~ b ~ c, with a and c apart: b falls to a, and c stays although it is like b."""
    words = [
        "the",
        "old",
        "house",
        "at",
        "the",
        "end",
        "of",
        "this",
        "road",
        "has",
        "a",
        "green",
        "door",
        "which",
        "nobody",
        "had",
        "opened",
        "since",
        "my",
        "uncle",
        "left",
        "for",
        "the",
        "sea",
        "and",
        "every",
        "spring",
        "we",
        "would",
        "go",
        "there",
        "with",
        "bread",
        "and",
        "apples",
        "to",
        "look",
        "at",
        "the",
        "garden",
        "where",
        "wild",
        "roses",
        "grew",
        "over",
        "its",
        "broken",
        "wall",
        "while",
        "dogs",
        "from",
        "our",
        "village",
        "slept",
        "under",
        "trees",
        "until",
        "evening",
        "came",
    ][:60]
    chain = [" ".join(words[start : start + 50]) for start in (0, 4, 8)]
    assert _jaccard(chain[0], chain[1]) == _jaccard(chain[1], chain[2]) == 44 / 52
    assert _jaccard(chain[0], chain[2]) == 40 / 56
    _collect(here, _rows(*chain))
    assert _kept(here) == ["a", "c"]
    assert _why(here) == {"b": "near_duplicate"}


def test_a_rejected_row_is_no_reason_to_reject_another(here: Workspace) -> None:
    rows: list[dict[str, Any]] = [
        {"k": "a", "p": _LONG, "t": "odd"},
        {"k": "b", "p": f"  {_LONG}", "t": None},
        {"k": "c", "p": "a prompt that is rejected for its label and nothing else at all today", "t": "odd"},
        {"k": "d", "p": "a prompt that is rejected for its label and nothing else at all today then", "t": None},
    ]
    _collect(here, rows)
    assert _kept(here) == ["b", "d"]
    assert _why(here) == {"a": "bad_label", "c": "bad_label"}


def test_prompts_shorter_than_a_shingle_are_never_near_duplicates(here: Workspace) -> None:
    with here.params() as params:
        params["sample"]["collect"]["prompt_words"]["min"] = 1
    _collect(here, _rows("stop it", "stop it!", "stop, it", "stop", "stop!", "it stop", "?", "42"))
    assert _kept(here) == ["a", "b", "c", "d", "e", "f", "g", "h"]


def test_prompts_that_differ_only_in_numbers_are_kept_apart(here: Workspace) -> None:
    def task(number: int) -> str:
        return (
            f"Solve problem {number} of chapter {number + 3}: a train leaves at {number + 5} and drives {number * 7} miles, "
            f"another one leaves {number + 9} minutes later and drives {number * 11} miles. When do they meet?"
        )

    _collect(here, _rows(*map(task, range(17, 27))))
    assert len(here.rows("collect")) == 10


_PROBLEM = (
    "A farmer sells {} baskets of apples at the market in the morning and twice as many in the afternoon, and every basket "
    "holds 12 apples. How many apples does the farmer sell on that day in all, if x {} 5 of them are not sold?"
)


@pytest.mark.parametrize("other", [_PROBLEM.format(8, "+"), _PROBLEM.format(7, "-")])
def test_another_number_or_sign_makes_another_problem_if_numbers_must_agree(here: Workspace, other: str) -> None:
    first = _PROBLEM.format(7, "+")
    assert _jaccard(first, other) > 0.8
    rows = _rows(first, other, first.replace("apples does", "of them does"))
    _collect(here, rows)
    assert _why(here) == {"b": "near_duplicate", "c": "near_duplicate"}
    with here.params() as params:
        params["sample"]["collect"]["near_duplicates"]["numbers"] = "must_agree"
    _collect(here, rows)
    assert _why(here) == {"c": "near_duplicate"}


def _texts(chance: random.Random) -> list[str]:
    """Return 150 texts of random words, two thirds of them earlier ones with some words changed."""
    vocabulary = [f"w{number}" for number in range(400)]
    texts: list[str] = []
    for number in range(150):
        if number % 3 == 0 or not texts:
            words = chance.choices(vocabulary, k=chance.randint(10, 60))
        else:
            words = chance.choice(texts).split()
            for _ in range(chance.randint(1, 3)):
                words[chance.randrange(len(words))] = chance.choice(vocabulary)
        texts.append(" ".join(words))
    return texts


@pytest.mark.parametrize("seed", [1, 2])
def test_near_duplicates_are_those_that_comparing_all_pairs_finds(here: Workspace, seed: int) -> None:
    texts = _texts(random.Random(seed))  # noqa: S311  (test data)
    with here.params() as params:
        params["sample"]["collect"]["language"]["min_words"] = 1000
    _collect(here, [{"k": str(number), "p": text, "t": None} for number, text in enumerate(texts)])
    kept = {row["id"]: row["data"]["instruction"] for row in here.rows("collect")}
    near = [line for line in here.rejected("collect") if line["rejection"]["reason"] == "near_duplicate"]
    assert len(near) > 15
    assert len(kept) + len(near) == len(texts)
    for line in near:
        evidence = line["rejection"]["evidence"]
        similarity = _jaccard(kept[evidence["duplicate_of"]], line["row"]["data"]["instruction"])
        assert similarity >= 0.8
        assert evidence["jaccard"] == round(similarity, 4)
    apart = [_jaccard(one, other) for one, other in combinations(kept.values(), 2)]
    assert max(apart) < 0.9
    assert sum(similarity >= 0.8 for similarity in apart) <= 3, "MinHash misses more than it may"
    assert sum(0.6 <= similarity < 0.8 for similarity in apart) > 5, "the data tests no pair just below the threshold"


def test_exact_duplicates_are_found_across_case_space_and_sources(here: Workspace) -> None:
    first = _rows("How do I make tea at home?", "how  do I\nmake tea AT HOME?")
    second = _rows("\uff28ow do I make tea at home? ", "How do I make tea at work?")
    _sources(here, one=first, two=second)
    kept = here.rows("collect")
    assert [(row["provenance"]["source"], row["provenance"]["source_key"]) for row in kept] == [("one", "a"), ("two", "b")]
    assert [line["rejection"] for line in here.rejected("collect")] == [
        {"reason": "exact_duplicate", "evidence": {"duplicate_of": kept[0]["id"]}}
    ] * 2


def test_equal_keys_in_two_sources_are_two_rows(here: Workspace) -> None:
    _sources(here, one=_rows("How do I make tea at home?"), two=_rows("Where does the river end?"))
    kept = here.rows("collect")
    assert [row["provenance"]["source_key"] for row in kept] == ["a", "a"]
    assert kept[0]["id"] != kept[1]["id"]


_GERMAN = "Wie kann ich meine Zimmerpflanzen am besten gie\u00dfen, wenn ich lange verreise und niemand zu Hause ist?"


@pytest.mark.parametrize(
    ("changes", "rejected"),
    [
        ({}, True),
        ({"min_words": 17}, True),
        ({"min_words": 18}, False),
        ({"min_confidence": 1.0}, False),
        ({"allowed": ["en", "de"]}, False),
        ({"allowed": ["fr"]}, True),
    ],
)
def test_language_counts_only_above_confidence_and_length(here: Workspace, changes: dict[str, Any], *, rejected: bool) -> None:
    with here.params() as params:
        params["sample"]["collect"]["language"] |= changes
    _collect(here, _rows(_GERMAN))
    assert here.reasons("collect") == ["language"] * rejected


def test_a_language_that_is_like_another_is_still_none_of_those_allowed(here: Workspace) -> None:
    """Taken by itself, neither of two languages of one script need be certain."""
    chinese = "房东不退押金 我已经搬走三个月了 合同也到期了 请问应该怎么办"
    with here.params() as params:
        params["sample"]["collect"]["language"]["min_confidence"] = 0.99
    _collect(here, _rows(chinese))
    [line] = here.rejected("collect")
    assert line["rejection"]["evidence"]["language"] == "zh"
    assert line["rejection"]["evidence"]["confidence"] > 0.99


def test_an_unknown_language_is_a_build_error(here: Workspace) -> None:
    with here.params() as params:
        params["sample"]["collect"]["language"]["allowed"] = ["en", "klingon"]
    with pytest.raises(BuildError, match=r"^collect.language.allowed: unknown language 'klingon'"):
        run("collect", FAMILY)


def test_a_limit_takes_the_first_rows(here: Workspace) -> None:
    rows = _rows("How do I make tea?", None, "Where does the river end?", "What is a good song?")
    _collect(here, rows, limit=3)
    assert _kept(here) == ["a", "c"]
    assert _why(here) == {"b": "bad_prompt"}


def test_ids_do_not_depend_on_order_limit_models_or_other_rows(here: Workspace) -> None:
    def ids() -> dict[str, str]:
        return {row["data"]["instruction"]: row["id"] for row in here.rows("collect")}

    keyed = _rows("How do I make tea?", "Where does the river end?", "What is a good song?")
    _collect(here, keyed)
    whole = ids()
    assert len(set(whole.values())) == 3
    with here.params() as params:
        params["sample"]["synthesize"]["roles"]["teacher"]["model"] = "another"
    _collect(here, list(reversed(keyed)), limit=2)
    assert ids() == {prompt: whole[prompt] for prompt in ("What is a good song?", "Where does the river end?")}
    unkeyed = {"instruction": "p", "label": "t"}
    _collect(here, keyed, columns=unkeyed)
    by_prompt = ids()
    assert not set(by_prompt.values()) & set(whole.values())
    _collect(here, list(reversed(keyed)), columns=unkeyed)
    assert ids() == by_prompt
    _collect(here, [{**row, "p": f" {row['p']} ".upper()} for row in keyed], columns=unkeyed)
    assert sorted(ids().values()) == sorted(by_prompt.values())


def test_an_id_is_that_of_source_and_key_else_of_the_prompt(here: Workspace) -> None:
    rows: list[dict[str, Any]] = [
        {"k": "a", "p": "How do I make tea?", "t": None},
        {"k": 7, "p": "Where does the river end?", "t": None},
        {"k": None, "p": "What is a Good  song?", "t": None},
        {"k": "", "p": "Who wrote this book?", "t": None},
        {"k": None, "p": None, "t": None},
    ]
    _collect(here, rows)
    found = [row["id"] for row in here.rows("collect")] + [line["row"]["id"] for line in here.rejected("collect")]
    keys = ["a", "7", "what is a good song?", "who wrote this book?", "row 5"]
    assert found == [records.row_id(FAMILY, "own", key) for key in keys]
    assert _kept(here) == ["a", "7", None, ""]


def test_without_a_key_equal_prompts_are_one_row(here: Workspace) -> None:
    _collect(here, _rows("How do I make tea?", "how do i make  tea?"), columns={"instruction": "p", "label": "t"})
    assert len(here.rows("collect")) == 1
    assert len(here.rejected("collect")) == 1


def test_columns_are_mapped_values_translated_and_constants_set(here: Workspace) -> None:
    rows: list[dict[str, Any]] = [
        {"k": "a", "p": "How do I make tea?", "t": "harmless", "extra": 1},
        {"k": "b", "p": "Where does the river end?", "t": "vanilla_harmful", "extra": 2},
    ]
    _collect(here, rows, values={"label": {"harmless": "vanilla_benign"}}, license="MIT")
    assert [row["data"] for row in here.rows("collect")] == [
        {"instruction": "How do I make tea?", "label": "vanilla_benign"},
        {"instruction": "Where does the river end?", "label": "vanilla_harmful"},
    ]
    assert [row["provenance"] for row in here.rows("collect")] == [
        {
            "source": "own",
            "license": "MIT",
            "source_sha256": records.file_digest(here.root / f"raw/{FAMILY}/sources/own.jsonl"),
            "source_row": number,
            "source_key": key,
        }
        for number, key in [(1, "a"), (2, "b")]
    ]
    _collect(here, rows, columns={"instruction": "p"}, constants={"label": "x"}, values={"label": {"x": "vanilla_benign"}})
    assert [row["data"]["label"] for row in here.rows("collect")] == ["vanilla_benign"] * 2


def test_values_that_are_no_texts_are_translated_as_a_person_writes_them(here: Workspace) -> None:
    rows = [{"k": str(value), "p": f"How do I make tea number {value}?", "t": value} for value in (0, True, None, 1.5, "two")]
    _collect(here, rows, values={"label": {"0": "vanilla_benign", "true": "vanilla_harmful", "1.5": "x", "two": "y"}})
    found = [row["data"]["label"] for row in here.rows("collect")]
    assert found == ["vanilla_benign", "vanilla_harmful", None, "x", "y"]


def test_nulls_and_absent_values_are_nulls(here: Workspace) -> None:
    rows: list[dict[str, Any]] = [
        {"k": "a", "p": "How do I make tea?", "t": None},
        {"k": "b", "p": "Where does the river end?"},
        {"k": "c", "t": None},
    ]
    _collect(here, rows)
    assert [row["data"]["label"] for row in here.rows("collect")] == [None, None]
    assert _why(here) == {"c": "bad_prompt"}


@pytest.mark.parametrize(
    ("entry", "what"),
    [
        ({"columns": {"instruction": "p", "labl": "t"}}, "unknown column 'labl'"),
        ({"constants": {"labl": "x"}}, "unknown column 'labl'"),
        ({"values": {"labl": {"x": "y"}}}, "unknown column 'labl'"),
        ({"columns": {"instruction": "p"}, "values": {"label": {"x": "y"}}}, "values of 'label', which it does not fill"),
        ({"columns": {"label": "t"}}, "does not say where 'instruction' comes from"),
        ({"columns": {"instruction": "absent"}}, "no column 'absent'"),
        ({"columns": {"instruction": "p"}, "constants": {"key": "x"}}, "sets or translates 'key'"),
        ({"values": {"key": {"a": "b"}}}, "sets or translates 'key'"),
    ],
)
def test_a_source_that_cannot_be_mapped_is_a_build_error(here: Workspace, entry: dict[str, Any], what: str) -> None:
    with pytest.raises(BuildError) as caught:
        _collect(here, _rows("How do I make tea?"), **entry)
    assert what in str(caught.value)


def test_a_pool_without_source_is_a_build_error(here: Workspace) -> None:
    with here.params() as params:
        params["sample"]["collect"]["sources"] = []
    with pytest.raises(BuildError, match=f"no source for {FAMILY}/default; add one under collect.sources"):
        run("collect", FAMILY)


def test_a_prompt_that_is_no_unicode_text_is_rejected_or_refused_not_a_crash(here: Workspace) -> None:
    """YAML can spell a lone surrogate, which neither UTF-8 nor JSON can hold."""
    content = '- {k: a, p: "half \\ud800 a character", t: null}\n- {k: b, p: "How do I make tea?", t: null}\n'
    here.source("own.yaml", content, columns=_KEYED)
    try:
        run("collect", FAMILY)
    except BuildError as error:
        assert "UTF-8" in str(error)  # noqa: PT017  (a refusal of the file would do as well)
    else:
        assert "b" in _kept(here)


def test_half_a_character_costs_its_row_and_no_other(here: Workspace) -> None:
    content = (
        '{"k": "a", "p": "How do I make \\ud800 tea?", "t": null}\n'
        '{"k": "b", "p": "How do I bake bread?", "t": "x\\udc00"}\n'
        '{"k": "c", "p": "How do I water a fern?", "t": null}\n'
    )
    here.source("own.jsonl", content, columns=_KEYED)
    run("collect", FAMILY)
    assert _kept(here) == ["c"]
    assert _why(here) == {"a": "bad_prompt", "b": "bad_text"}
    assert _evidence(here, "b") == {"column": "label", "error": "half a surrogate pair"}


_PROMPTS = st.one_of(
    st.none(),
    st.integers(),
    st.booleans(),
    st.lists(st.text(max_size=3), max_size=2),
    st.text(max_size=12),
    st.text(alphabet="ab \n\u4e16", max_size=40),
    st.sampled_from([_LONG, _LONG.upper(), f"{_LONG} now", f"now {_LONG}", _GERMAN, "word " * 130, "short one", "  "]),
)
_DIRTY = st.fixed_dictionaries(
    {
        "k": st.none() | st.integers(0, 5) | st.sampled_from(["", "a", "b", "0", " "]),
        "p": _PROMPTS,
        "t": st.none() | st.sampled_from(["vanilla_benign", "odd", 3, ["vanilla_benign"]]),
    }
)


@settings(derandomize=True, max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(_DIRTY, min_size=1, max_size=40))
def test_every_row_that_comes_in_is_kept_or_rejected_once(here: Workspace, rows: list[dict[str, Any]]) -> None:
    _collect(here, rows)
    kept = [row["provenance"]["source_row"] for row in here.rows("collect")]
    rejected = [line["row"]["provenance"]["source_row"] for line in here.rejected("collect")]
    assert kept == sorted(kept)
    assert rejected == sorted(rejected)
    assert sorted(kept + rejected) == list(range(1, len(rows) + 1))
    assert len({row["id"] for row in here.rows("collect")}) == len(kept)
    assert len({records.normalised(row["data"]["instruction"]) for row in here.rows("collect")}) == len(kept)
    found = counts(FAMILY, "collect")["default"]
    assert found.balanced
    assert (found.read, sum(found.out.values()), sum(found.rejected.values())) == (len(rows), len(kept), len(rejected))


def test_collect_leaves_no_scratch_files_behind(here: Workspace) -> None:
    leftover = here.root / f"processed/{FAMILY}/.work/collect-default/found/00000.jsonl.zst"
    leftover.parent.mkdir(parents=True)
    leftover.write_text("from a run that was killed")
    run("collect", FAMILY)
    assert not leftover.parents[2].exists()
