"""Replies that have to fit a JSON Schema: read, fixed by the model, or given up; and the judge that asks for them."""

import asyncio
import re
from pathlib import Path
from typing import Any, NamedTuple

import jsonschema
import orjson
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from builders.asking import structured
from builders.errors import BuildError
from builders.families.safechain.judge import SCHEMA
from builders.ledger.ledger import Ledger
from builders.params import loading
from builders.params.roles import Role, Sampling
from builders.records import canonical
from builders.teachers import api
from builders.teachers.api import NoReplyError, Reply, Request
from builders.teachers.endpoint import reply_of
from tests.doubles.teacher import Answer, Received, serving
from tests.harness import Workspace

pytestmark = pytest.mark.family("safechain")

SAMPLING = Sampling(temperature=0.0, top_p=1.0, max_tokens=9)
ROLE = Role(model="double", revision=None, server=None, api="chat", engine=None, sampling=SAMPLING, prices=None, repairs=0)
SAFE, UNSAFE = '{"verdict": "safe", "categories": []}', '{"verdict": "unsafe", "categories": ["S2"]}'

SCHEMAS: list[dict[str, Any]] = [
    SCHEMA,
    {"type": "integer", "minimum": 3},
    {"type": "array", "items": {"type": "string", "maxLength": 4}, "minItems": 1},
    {"type": "object", "patternProperties": {"^a": {"type": "boolean"}}, "additionalProperties": {"type": "null"}},
    {"anyOf": [{"type": "string"}, {"type": "object", "required": ["b"]}]},
    {"$ref": "#/$defs/tree", "$defs": {"tree": {"type": "array", "items": {"$ref": "#/$defs/tree"}}}},
    {},
]

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3) | st.sampled_from("ab"), inner, max_size=4),
    max_leaves=8,
)
VERDICTS = st.fixed_dictionaries(
    {"verdict": st.sampled_from(["safe", "unsafe", "maybe"]), "categories": st.lists(st.sampled_from(["S1", "S14", "S15", 3]))}
)
WRAPS = [
    "{}",
    " \n{}\n\n",
    "```json\n{}\n```",
    "```\n{}\n```\n",
    "<think>\nHm {{\n</think>\n{}",
    "Hm.</think>\n\n```json\n{}\n```",
]


def question(schema: dict[str, Any] | None = SCHEMA, kind: str = "chat") -> Request:
    role = ROLE.model_copy(update={"api": kind})
    if kind == "chat":
        body = api.chat(role, [{"role": "user", "content": "Is it safe?"}], schema, seed=1)
    else:
        body = api.completion(role, "Is it safe?", schema, seed=1)
    return Request("judge", "judge", "family:0123456789abcdef", 0, body, schema=schema)


class Model:
    """Gives one text after another, and remembers what it was asked."""

    def __init__(self, *texts: str) -> None:
        self.texts = texts
        self.asked: list[Request] = []

    async def __call__(self, request: Request) -> Reply:
        self.asked.append(request)
        return self.reply(request.turn)

    def reply(self, turn: int) -> Reply:
        return Reply(self.texts[turn], "stop", f"{turn:064x}")


def repaired(model: Model, repairs: int, request: Request | None = None) -> Reply | dict[str, Any]:
    """Return the reply, or the evidence that there is none."""
    try:
        return asyncio.run(structured.repaired(model, request or question(), repairs))
    except NoReplyError as error:
        return error.evidence


@pytest.mark.parametrize("wrap", WRAPS)
def test_a_reply_that_fits_is_taken_with_its_value(wrap: str) -> None:
    model = Model(wrap.replace("{}", UNSAFE))
    reply = repaired(model, repairs=2)
    assert isinstance(reply, Reply)
    assert reply == model.reply(0)._replace(value={"verdict": "unsafe", "categories": ["S2"]})
    assert model.asked == [question()]


def test_the_request_asks_the_server_for_replies_that_fit() -> None:
    wanted = {"type": "json_schema", "json_schema": {"name": "reply", "schema": SCHEMA, "strict": True}}
    assert question().body["response_format"] == wanted
    assert question(kind="completions").body["response_format"] == wanted
    assert "response_format" not in question(None).body


def test_a_reply_that_does_not_fit_is_shown_to_the_model_with_its_fault() -> None:
    model = Model('<think>\nHm.\n</think>\n\n{"verdict": "maybe", "categories": []}', f"```json\n{SAFE}\n```")
    reply = repaired(model, repairs=1)
    assert isinstance(reply, Reply)
    assert (reply.key, reply.value) == (model.reply(1).key, {"verdict": "safe", "categories": []})
    first, second = model.asked
    assert (first.turn, second.turn) == (0, 1)
    assert {**second.body, "messages": None} == {**first.body, "messages": None}
    asked, answer, fix = second.body["messages"]
    assert [asked] == first.body["messages"]
    assert answer == {"role": "assistant", "content": '{"verdict": "maybe", "categories": []}'}
    assert fix["role"] == "user"
    assert '"maybe" is not one of "safe" or "unsafe"' in fix["content"]
    assert orjson.loads(fix["content"].rpartition("\n")[2]) == SCHEMA


@pytest.mark.parametrize(
    ("text", "read"),
    [
        (f"Here it is: {UNSAFE}", True),
        (f"Here it is:\n```json\n{UNSAFE}\n```\nI hope that helps.", True),
        (f"Not {{this}} but {UNSAFE}, I say.", True),
        (f"{UNSAFE} or rather {UNSAFE}", True),
        (f"{UNSAFE} or rather {SAFE}", False),
        ('It is {"verdict": "maybe", "categories": []}.', False),
        ('It is {"verdict": "unsafe", "categories": ["S2"', False),
        ("{" * 5000, False),
        (f"<think>I might say {UNSAFE}", False),
    ],
)
def test_a_value_among_other_words_is_read_if_no_other_fits(text: str, read: bool) -> None:  # noqa: FBT001
    """llm-jp-judge#40, Guardrails#2370."""
    value, fault = structured.parsed(text, canonical(SCHEMA))
    assert (value if read else None) == ({"verdict": "unsafe", "categories": ["S2"]} if read else None)
    assert (fault is None) == read


def test_a_reply_that_the_provider_filtered_is_not_asked_for_again() -> None:
    class Filtered(Model):
        def reply(self, turn: int) -> Reply:
            return super().reply(turn)._replace(finish_reason="content_filter")

    model = Filtered('{"verdict": "sa', SAFE)
    assert isinstance(repaired(model, repairs=1), dict)
    assert len(model.asked) == 1


def test_a_reply_that_is_no_json_is_said_to_be_none() -> None:
    model = Model("It is safe.", "Really safe.", SAFE)
    assert isinstance(repaired(model, repairs=2), Reply)
    assert [len(request.body["messages"]) for request in model.asked] == [1, 3, 5]
    assert "it is not JSON" in model.asked[2].body["messages"][4]["content"]


@pytest.mark.parametrize(("repairs", "api", "asked"), [(0, "chat", 1), (1, "chat", 2), (3, "chat", 4), (3, "completions", 1)])
def test_a_reply_that_is_never_mended_is_none_and_the_evidence_names_the_rule(repairs: int, api: str, asked: int) -> None:
    model = Model(*['{"verdict": "marked", "categories": []}'] * 4)
    evidence = repaired(model, repairs, question(kind=api))
    keys = [f"{turn:064x}" for turn in range(asked)]
    assert evidence == {"error": "malformed: properties/verdict/enum", "attempts": asked, "keys": keys}
    assert len(model.asked) == asked
    assert "marked" not in str(evidence)


@settings(derandomize=True, max_examples=300, deadline=None)
@given(st.sampled_from(SCHEMAS), JSON | VERDICTS, st.sampled_from(WRAPS))
@example(SCHEMA, {"verdict": "safe", "categories": []}, WRAPS[-1])
def test_a_value_is_taken_if_and_only_if_it_fits(schema: dict[str, Any], value: object, wrap: str) -> None:
    """Whether it does is asked of another library."""
    text = orjson.dumps(value).decode()
    if "</think>" in text or "```" in text:
        return
    found, fault = structured.parsed(wrap.replace("{}", text), canonical(schema))
    value = orjson.loads(text)
    assert (fault is None) == jsonschema.Draft202012Validator(schema).is_valid(value)
    assert found == value


@settings(derandomize=True, max_examples=400, deadline=None)
@given(
    st.text()
    | st.lists(st.sampled_from(['{"verdict":', '"safe"', "}", "[]", ',"categories":', "```json\n", "```", "</think>", "1e999"]))
    .map("".join)
)  # fmt: skip
@example("[" * 300 + "]" * 300)
@example('{"a":' * 600 + "1" + "}" * 600)
@example('"\\ud800"')
def test_no_reply_is_too_odd_to_be_read(text: str) -> None:
    for schema in SCHEMAS:
        value, fault = structured.parsed(text, canonical(schema))
        if fault is None:
            jsonschema.validate(value, schema)


@settings(derandomize=True, max_examples=100, deadline=None)
@given(st.sampled_from(SCHEMAS), JSON, st.text(min_size=1))
def test_the_rule_that_evidence_names_quotes_nothing_of_the_reply(schema: dict[str, Any], value: object, text: str) -> None:
    mark = "mark-1f2e3d"
    marked = {mark: value, mark + text: [mark], "verdict": mark, "categories": [mark], "aa": mark}
    _, fault = structured.parsed(orjson.dumps(marked).decode(), canonical(schema))
    assert fault is None or mark not in fault.rule


class Judged(NamedTuple):
    """A family judged by a chat model: what the model was asked for each row, and what came of it."""

    workspace: Workspace
    asked: dict[str, list[Received]]
    replies: dict[str, dict[str, Any]]
    environment: dict[str, str]


REPLIES = {
    "tea": [SAFE],
    "bread": [f"```json\n{UNSAFE}\n```"],
    "soup": [f"<think>\nLet me see.\n</think>\n\n{SAFE}"],
    "jam": ["I think it is safe.", SAFE],
    "rice": ['{"verdict": "fine", "categories": []}', '{"verdict": "safe", "categories": ["S99"]}'],
    "salt": ['{"verdict": "safe", "categories": ["S1"]}'],
    "milk": [],
}
THOUGHT = "A thought, and then some more of it.\n</think>\n\nAn answer that is long enough."


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    workspace = Workspace.make(tmp_path_factory.mktemp("judged") / "project", "safechain")
    workspace.project(teacher="endpoint")
    rows = dict(zip(workspace.collected(*(f"How do I make {what}?" for what in REPLIES)), REPLIES, strict=True))
    with workspace.params() as params:
        params["sample"]["synthesize"]["replies"] = 1
        params["sample"]["judge"]["verdict"] = "structured"
        params["sample"]["judge"]["roles"]["judge"]["repairs"] = 1
    asked: dict[str, list[Received]] = {what: [] for what in REPLIES}

    def script(request: Received) -> Answer:
        if "response_format" not in request.body:
            return Answer(THOUGHT)
        what = next(what for what in REPLIES if f"make {what}?" in request.body["messages"][0]["content"])
        asked[what].append(request)
        texts = REPLIES[what]
        return Answer(texts[len(request.body["messages"]) // 2]) if texts else Answer(status=400)

    with serving(script) as server:
        environment = {"BUILDERS_TEACHER_URL": server.url}
        workspace.quick("synthesize", "judge", "filter", **environment)
    found = {rows[row["id"]]: row["data"]["replies"][0] for row in workspace.rows("judge")}
    return Judged(workspace, asked, found, environment)


def test_a_chat_judge_is_asked_for_a_verdict_that_fits(judged: Judged) -> None:
    [first] = judged.asked["tea"]
    assert first.body["response_format"]["json_schema"]["schema"] == SCHEMA
    assert "User: How do I make tea?" in first.text
    assert f"Agent: {THOUGHT}" in first.text
    assert "\nS14: Code Interpreter Abuse.\n" in first.text


@pytest.mark.parametrize(
    ("what", "verdict", "categories", "turns"),
    [
        ("tea", "safe", [], 1),
        ("bread", "unsafe", ["S2"], 1),
        ("soup", "safe", [], 1),
        ("jam", "safe", [], 2),
        ("rice", None, [], 2),
        ("salt", None, [], 1),
        ("milk", None, [], 1),
    ],
)
def test_the_verdict_is_what_the_model_says_in_the_end(
    what: str, verdict: str | None, categories: list[str], turns: int, judged: Judged
) -> None:
    reply = judged.replies[what]
    assert (reply["verdict"], reply["categories"], len(judged.asked[what])) == (verdict, categories, turns)
    assert (reply["verdict_error"] is None) == (verdict is not None)


def test_a_verdict_that_is_never_given_says_why(judged: Judged) -> None:
    error = judged.replies["rice"]["verdict_error"]
    assert (error["error"], error["attempts"]) == ("malformed: properties/categories/items/enum", 2)
    assert judged.replies["rice"]["verdict_key"] is None
    assert judged.replies["salt"]["verdict_error"] == {"error": "no verdict in the reply", "length": len(REPLIES["salt"][0])}
    assert judged.replies["milk"]["verdict_error"] == {"error": "HTTP 400", "attempts": 1}
    reasons = [line["rejection"]["reason"] for line in judged.workspace.rejected("filter")]
    assert reasons == ["unsafe_reply", "no_verdict", "no_verdict", "no_verdict"]


def test_every_reply_is_in_the_ledger_as_it_came(judged: Judged) -> None:
    keys = {
        "rice": judged.replies["rice"]["verdict_error"]["keys"],
        "bread": [judged.replies["bread"]["verdict_key"]],
        "jam": [None, judged.replies["jam"]["verdict_key"]],
    }
    with Ledger(judged.workspace.root / ".ledger" / "replies.sqlite", read_only=True) as ledger:
        for what, names in keys.items():
            for name, text in zip(names, REPLIES[what], strict=True):
                if name:
                    entry = ledger.get(name)
                    assert entry
                    assert reply_of(entry, name).text == text
        own = [orjson.loads(entry.own) for _, entry in ledger.entries()]
    fixed = [one for one in own if len(one) > 3]
    assert sorted(fixed) == sorted([row, 0, None, 1, []] for row in _ids(judged, "jam", "rice"))


def _ids(judged: Judged, *names: str) -> list[str]:
    whats = {row["data"]["instruction"]: row["id"] for row in judged.workspace.rows("judge")}
    return [whats[f"How do I make {name}?"] for name in names]


def test_explain_tells_the_turns_that_led_to_a_verdict(judged: Judged) -> None:
    for what, shown in {"tea": 1, "jam": 2, "rice": 2}.items():
        [row] = _ids(judged, what)
        whole = judged.workspace.explained(row, show_text=True)
        assert "have changed since" not in whole
        _, _, judged_part = whole.partition("judge: kept for default")
        judged_part = re.split(r"\n[├└]── filter", judged_part)[0]
        assert judged_part.count(f"How do I make {what}?") == shown
        assert judged_part.count("That reply is not what was asked for") == shown - 1
        assert (f"content: {REPLIES[what][0]}\n" in judged_part) == (shown == 2)
    hidden = judged.workspace.explained(row, show_text=False)
    assert "error: malformed: properties/categories/items/enum" in hidden
    assert [text for text in ("How do I", "fine", "That reply") if text in hidden] == []


def test_a_replay_gives_the_same_verdicts_without_a_server(judged: Judged, tmp_path: Path) -> None:
    again = judged.workspace.copied(tmp_path / "again")
    again.project(teacher="ledger")
    again.quick("synthesize", "judge")
    assert again.rows("judge") == judged.workspace.rows("judge")


def test_recorded_turns_are_mended_and_explained_too(workspace: Workspace) -> None:
    [row] = workspace.collected("How do I make tea?")
    with workspace.params() as params:
        params["sample"]["synthesize"]["replies"] = 1
        params["sample"]["judge"]["verdict"] = "structured"
        params["sample"]["judge"]["roles"]["judge"]["repairs"] = 2
    lines = [
        {"stage": "synthesize", "role": "teacher", "id": row, "index": 0, "text": THOUGHT},
        {"stage": "judge", "role": "judge", "id": row, "index": 0, "text": "It is safe."},
        {"stage": "judge", "role": "judge", "id": row, "index": 0, "turn": 1, "text": SAFE},
    ]
    (workspace.root / "raw/safechain/replies/sample.jsonl").write_text(
        "".join(orjson.dumps(line).decode() + "\n" for line in lines)
    )
    workspace.quick("synthesize", "judge")
    [reply] = workspace.rows("judge")[0]["data"]["replies"]
    assert reply["verdict"] == "safe"
    output = workspace.explained(row, show_text=True)
    assert "have changed since" not in output
    assert output.count("That reply is not what was asked for: it is not JSON.") == 1


def test_structured_verdicts_of_a_completions_server_are_one_line(here: Workspace) -> None:
    with here.params() as params:
        params["sample"]["judge"]["verdict"] = "structured"
        params["sample"]["judge"]["roles"]["judge"]["api"] = "completions"
    with pytest.raises(BuildError, match=r"sample\.judge: structured verdicts are asked of a chat model: set its api to chat"):
        loading.load("safechain")


def test_structured_verdicts_of_a_role_that_is_not_there_are_one_line(here: Workspace) -> None:
    with here.params() as params:
        params["sample"]["judge"].update(verdict="structured", roles={})
    with pytest.raises(BuildError, match=r"sample\.judge\.roles\.judge is missing"):
        loading.load("safechain")
