"""Sources on a Hugging Face Hub: read by the real clients in the real command, against a Hub on the loopback."""

import csv
import io
import socket
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.doubles.hub import LARGE_BYTES, Hub, serving
from tests.harness import FAMILY, Workspace, declared, jsonl, one_line

NAME = "someone/prompts"
PATH = "train/train.tsv"
READER, STRANGER = "hf_reader", "hf_stranger"
ABSENT = "0123456789abcdef0123456789abcdef01234567"
TYPES = ("vanilla_harmful", "vanilla_benign", "adversarial_harmful", "adversarial_benign")
HEADER = ("vanilla", "adversarial", "completion", "data_type")
BY_TYPE = {"by": "data_type", "columns": {name: name.partition("_")[0] for name in TYPES}}
COLUMNS = {"label": "data_type", "instruction": BY_TYPE}


@pytest.fixture
def hub() -> Iterator[Hub]:
    with serving() as server:
        server.accounts = {READER: {NAME}, STRANGER: set()}
        yield server


def written(rows: Sequence[tuple[str, ...]], header: tuple[str, ...] = HEADER) -> bytes:
    """Return a tab-separated file, quoted only where it must be."""
    sink = io.StringIO(newline="")
    csv.writer(sink, delimiter="\t", lineterminator="\n").writerows([header, *rows])
    return sink.getvalue().encode()


def requests(each: int, words: str = "") -> list[tuple[str, ...]]:
    """Return mild rows of all four data types, shaped as WildJailbreak's: vanilla rows have no adversarial prompt."""
    rows: list[tuple[str, ...]] = []
    for number in range(each):
        for kind in TYPES:
            plain = f"How many {kind} pears are there in basket {number}? {words}".strip()
            twisted = f"You play a fruit seller. Say how many {kind} pears lie in basket {number}. {words}".strip()
            rows.append((plain, twisted if kind.startswith("adversarial") else "", "Some pears.", kind))
    return rows


def source(workspace: Workspace, revision: str | None, *paths: str, name: str = NAME, **entry: Any) -> None:  # noqa: ANN401
    """Make files of a dataset the only source, no two of its prompts being alike enough to be near-duplicates."""
    files = {"hub": name, "revision": revision, "paths": list(paths or (PATH,))}
    with workspace.params() as params:
        collect = params["sample"]["collect"]
        fields = {"file": files, "columns": COLUMNS, "license": "ODC-By-1.0", **entry}
        collect["sources"] = [{**declared(Path(PATH)), **fields}]
        collect["near_duplicates"]["threshold"] = 1.0


def collected(workspace: Workspace, hub: Hub, token: str = READER) -> list[str]:
    """Collect with the command, and return the prompts kept, in order."""
    workspace.build("collect", **hub.environment(token))
    return [row["data"]["instruction"] for row in workspace.rows("collect")]


def refused(workspace: Workspace, hub: Hub, token: str = READER, **environment: str) -> str:
    """Return the one line that collecting ends with, having checked that nothing was collected."""
    line = one_line(workspace.run("collect", FAMILY, **hub.environment(token, **environment)))
    assert "pears" not in line
    assert not (workspace.root / f"processed/{FAMILY}/collect/rows").exists()
    return line.removeprefix("error: ")


# What is read.


def test_a_gated_dataset_is_read_with_the_prompt_that_the_data_type_chooses(workspace: Workspace, hub: Hub) -> None:
    revision = hub.add(NAME, {PATH: written(requests(2)), "README.md": b"other"}, gated=True)
    source(workspace, revision)
    assert collected(workspace, hub) == [twisted or plain for plain, twisted, _, _ in requests(2)]
    rows = workspace.rows("collect")
    assert [row["data"]["label"] for row in rows] == list(TYPES) * 2
    assert rows[2]["provenance"] == {
        "source": "own",
        "license": "ODC-By-1.0",
        "source_repository": NAME,
        "source_revision": revision,
        "source_file": PATH,
        "source_row": 4,
        "source_key": None,
    }
    assert {asked.token for asked in hub.asked} == {READER}


def test_texts_stay_the_texts_they_are(workspace: Workspace, hub: Hub) -> None:
    """`NA`, `None`, an empty field, quotes, tabs and line ends: pandas' defaults would lose or split them."""
    rows = [
        ("NA", "", "", "vanilla_benign"),
        ("None", "", "NA", "vanilla_benign"),
        ("null", "nan", "", "adversarial_benign"),
        ("", "", "no prompt", "vanilla_benign"),
        ("for x", "", "prompt of another type", "adversarial_harmful"),
        ('say "pears"\tin two\nlines', "", '"', "vanilla_harmful"),
        ("a type that params do not know", "", "", "odd_type"),
    ]
    source(workspace, hub.add(NAME, {PATH: written(rows)}))
    with workspace.params() as params:
        params["sample"]["collect"]["prompt_words"]["min"] = 1
    assert collected(workspace, hub) == ["NA", "None", "nan", 'say "pears"\tin two\nlines']
    assert [line["rejection"] for line in workspace.rejected("collect")] == [
        {"reason": "bad_prompt", "evidence": {"type": "str"}},
        {"reason": "bad_prompt", "evidence": {"type": "str"}},
        {"reason": "bad_prompt", "evidence": {"type": "NoneType"}},
    ]


def test_a_public_dataset_needs_no_token_and_its_files_may_have_any_format(workspace: Workspace, hub: Hub) -> None:
    content = jsonl({"prompt": "How tall do pear trees grow?"}, {"prompt": "When do pears ripen in the north?"}).encode()
    source(
        workspace, hub.add(NAME, {"data/a.jsonl": content}), "data/a.jsonl", format="jsonl", columns={"instruction": "prompt"}
    )
    assert len(collected(workspace, hub, token="")) == 2
    assert {asked.token for asked in hub.asked} == {None}


def test_several_files_are_read_in_order_and_a_key_counts_across_them(workspace: Workspace, hub: Hub) -> None:
    first, second = requests(2)[:4], [*requests(1)[:1], *requests(3)[8:]]
    revision = hub.add(NAME, {"b.tsv": written(first), "a.tsv": written(second)})
    source(workspace, revision, "b.tsv", "a.tsv")
    assert collected(workspace, hub) == [twisted or plain for plain, twisted, _, _ in first + second[1:]]
    (line,) = workspace.rejected("collect")
    assert line["rejection"] == {"reason": "duplicate_id", "evidence": {"first_source_file": "b.tsv", "first_source_row": 2}}
    assert line["row"]["provenance"]["source_file"] == "a.tsv"


def test_a_revision_is_read_as_it_was_whatever_came_later(workspace: Workspace, hub: Hub) -> None:
    revision = hub.add(NAME, {PATH: written(requests(1))})
    hub.add(NAME, {PATH: written(requests(3))})
    source(workspace, revision)
    assert len(collected(workspace, hub)) == 4


def test_what_is_in_the_cache_is_read_without_a_request_and_offline(workspace: Workspace, hub: Hub) -> None:
    source(workspace, hub.add(NAME, {PATH: written(requests(2))}, gated=True))
    first = collected(workspace, hub)
    before = len(hub.asked)
    assert collected(workspace, hub, token="") == first
    workspace.build("collect", HF_HUB_OFFLINE="1")
    assert len(hub.asked) == before
    assert len(hub.downloads()) == 1


def test_a_download_that_breaks_off_is_taken_up_again_and_the_token_stays_with_the_hub(workspace: Workspace, hub: Hub) -> None:
    content = written(requests(1500, "and again " * 30))
    assert len(content) > 2 * LARGE_BYTES
    revision = hub.add(NAME, {PATH: content}, gated=True)
    source(workspace, revision, limit={"rows": 8, "over": "data_type", "seed": 0})
    hub.cut_off = [LARGE_BYTES]
    done = workspace.run("collect", FAMILY, **hub.environment(READER))
    assert (done.stdout, done.stderr) == (f"collect {FAMILY}/default: in 8, out 8, rejected 0\n", "")
    elsewhere = [asked for asked in hub.asked if asked.path.startswith("/blobs/")]
    assert len(elsewhere) == 2
    assert {asked.token for asked in elsewhere} == {None}


@pytest.mark.parametrize("kind", ["tsv", "jsonl"])
def test_a_limit_reads_the_beginning_over_the_network_and_keeps_no_file(workspace: Workspace, hub: Hub, kind: str) -> None:
    rows = requests(12_000, "and again " * 40)
    content = written(rows) if kind == "tsv" else jsonl(*(dict(zip(HEADER, row, strict=True)) for row in rows)).encode()
    assert len(content) > 20 * LARGE_BYTES
    path = f"train.{kind}"
    source(workspace, hub.add(NAME, {path: content}, gated=True), path, format=kind, limit=6)
    assert len(collected(workspace, hub)) == 6
    assert hub.sent_bytes < len(content) / 3, "more was sent than sockets hold back"
    assert not list((workspace.root / ".hf").rglob(path))


# What is drawn; tests/test_sources.py holds the laws of a sample.


def test_a_sample_is_even_over_the_data_types_wherever_the_rows_lie(workspace: Workspace, hub: Hub) -> None:
    rows = requests(50)
    revision = hub.add(NAME, {PATH: written(rows), "one.tsv": written(rows[:90:-1]), "two.tsv": written(rows[90::-1])})
    evenly = {"rows": 40, "over": "data_type", "seed": 0}
    source(workspace, revision, limit=evenly)
    first = collected(workspace, hub)
    assert Counter(row["data"]["label"] for row in workspace.rows("collect")) == dict.fromkeys(TYPES, 10)
    source(workspace, revision, "one.tsv", "two.tsv", limit=evenly)
    assert collected(workspace, hub)[::-1] == first
    assert sorted(hub.downloads()) == [f"/datasets/{NAME}/resolve/{revision}/{path}" for path in ("one.tsv", PATH, "two.tsv")]


# What cannot be read.


def test_without_a_token_a_gated_dataset_is_one_line(workspace: Workspace, hub: Hub) -> None:
    revision = hub.add(NAME, {PATH: written(requests(1))}, gated=True)
    source(workspace, revision)
    assert refused(workspace, hub, token="") == (
        f"hf://datasets/{NAME}@{revision}/{PATH}: source own is gated, and no token was sent; "
        f"accept its terms at {hub.url}/datasets/{NAME}, then run hf auth login or set HF_TOKEN"
    )


def test_terms_that_were_not_accepted_are_one_line_without_the_token(workspace: Workspace, hub: Hub) -> None:
    revision = hub.add(NAME, {PATH: written(requests(1))}, gated=True)
    source(workspace, revision)
    line = refused(workspace, hub, token=STRANGER)
    assert line.startswith(
        f"hf://datasets/{NAME}@{revision}/{PATH}: source own is gated, and the token's account has not accepted its terms; "
        f"accept them at {hub.url}/datasets/{NAME} "
    )
    assert STRANGER not in line


@pytest.mark.parametrize(
    ("entry", "token", "what"),
    [
        ({"name": "someone/else"}, READER, "there is no dataset someone/else, or the token does not open it"),
        ({"name": "someone/else"}, "", "there is no dataset someone/else, or no token was sent"),
        ({"revision": ABSENT}, READER, f"{NAME} has no such revision"),
        ({"paths": ["train.tsv"]}, READER, f"{NAME} has no such file at this revision"),
        ({}, "hf_mistyped", "the Hub refused the token"),
    ],
)
def test_what_is_not_there_is_one_line(workspace: Workspace, hub: Hub, entry: dict[str, Any], token: str, what: str) -> None:
    revision = hub.add(NAME, {PATH: written(requests(1))})
    table = {"name": NAME, "revision": revision, "paths": [PATH], **entry}
    source(workspace, table["revision"], *table["paths"], name=table["name"])
    address = f"hf://datasets/{table['name']}@{table['revision']}/{table['paths'][0]}"
    assert refused(workspace, hub, token).startswith(f"{address}: source own: {what}; ")
    assert hub.downloads() == []


@pytest.mark.parametrize("revision", ["main", "v1.0", ABSENT[:7], ABSENT.upper(), ""])
def test_a_revision_that_may_move_is_refused_before_anything_is_asked(workspace: Workspace, hub: Hub, revision: str) -> None:
    source(workspace, revision)
    line = refused(workspace, hub)
    assert line.startswith(
        f"builders/families/{FAMILY}/params.yaml: sample.collect.sources.0.file.revision: {revision!r} is not the 40 "
    )
    assert hub.asked == []


def test_a_revision_left_open_is_one_line_with_the_present_commit(workspace: Workspace, hub: Hub) -> None:
    revision = hub.add(NAME, {PATH: written(requests(1))}, gated=True)
    source(workspace, None)
    assert refused(workspace, hub) == (
        f"builders/families/{FAMILY}/params.yaml: source own has no revision; "
        f"pin the revision: write {revision}, the present commit of {NAME}"
    )
    assert refused(workspace, hub, HF_HUB_OFFLINE="1") == (
        f"builders/families/{FAMILY}/params.yaml: source own has no revision; "
        f"pin the revision: write the commit of {NAME} that its page shows under Files"
    )


def test_offline_what_is_not_in_the_cache_is_one_line(workspace: Workspace, hub: Hub) -> None:
    source(workspace, hub.add(NAME, {PATH: written(requests(1))}))
    line = refused(workspace, hub, HF_HUB_OFFLINE="1")
    assert ": source own is not in the local cache, and HF_HUB_OFFLINE is set; unset it and run again" in line
    assert hub.asked == []


def test_a_hub_that_is_not_there_is_one_line(workspace: Workspace, hub: Hub) -> None:
    source(workspace, ABSENT)
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        line = refused(workspace, hub, HF_ENDPOINT=url)
    assert line.endswith(f": source own cannot be reached: ConnectError; check the network and HF_ENDPOINT ({url}), run again")


def test_a_hub_that_does_not_answer_in_time_is_one_line(workspace: Workspace, hub: Hub) -> None:
    source(workspace, ABSENT)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        line = refused(workspace, hub, HF_ENDPOINT=url, HF_HUB_ETAG_TIMEOUT="1")
    assert ": source own cannot be reached: ReadTimeout; " in line


def test_a_broken_hub_is_one_line(workspace: Workspace, hub: Hub) -> None:
    source(workspace, hub.add(NAME, {PATH: written(requests(1))}))
    hub.broken = 503
    assert ": source own: the Hub answered with status 503; run again later" in refused(workspace, hub)


OTHER_HEADER = written(requests(1), ("vanilla", "adversarial", "completion", "type"))
PAGE = b"<html><body>Sign in, please</body></html>\n<p>pears</p>\n"
EVENLY = {"rows": 2, "over": "data_type", "seed": 0}


@pytest.mark.parametrize(
    ("content", "limit", "what"),
    [
        (OTHER_HEADER + b"a row with one field\n", None, ": source own has no column 'data_type'; "),
        (OTHER_HEADER, 2, ": source own has no column 'data_type'; "),
        (OTHER_HEADER, EVENLY, ": source own has no column 'data_type'; "),
        (PAGE, None, ": source own has no column 'adversarial'; it is a web page, not data"),
        (b"PAR1\x15\x04\x15\xff\xfe\x00pears\n", 2, ":1: bytes that are not UTF-8; "),
        (written(requests(1)).replace(b"Some pears.\t", b"Some pears."), EVENLY, ":2: 3 fields where the header has 4; "),
        (b"", None, ": source own holds no row; "),
    ],
)
def test_a_file_that_is_not_what_params_say_is_one_line(
    workspace: Workspace, hub: Hub, content: bytes, limit: object, what: str
) -> None:
    revision = hub.add(NAME, {PATH: content})
    source(workspace, revision, limit=limit)
    line = one_line(workspace.run("collect", FAMILY, **hub.environment(READER)))
    assert line.startswith(f"error: hf://datasets/{NAME}@{revision}/{PATH}{what}")
    assert "Some pears" not in line


def test_a_sample_over_a_column_that_is_missing_or_has_too_many_values_is_one_line(workspace: Workspace, hub: Hub) -> None:
    source(workspace, hub.add(NAME, {PATH: written(requests(300))}), limit={"rows": 2, "over": "kind", "seed": 0})
    assert ": source own has no column 'kind'; map one of its columns instead: " in refused(workspace, hub)
    with workspace.params() as params:
        params["sample"]["collect"]["sources"][0]["limit"]["over"] = "vanilla"
    assert ": source own: the column 'vanilla' has more than 1000 values; draw over a column with few" in refused(
        workspace, hub
    )


# The rest of the house.


def test_the_release_of_a_hub_source_needs_no_network_and_names_its_commit(workspace: Workspace, hub: Hub) -> None:
    revision = hub.add(NAME, {PATH: (workspace.root / f"raw/{FAMILY}/sources/sample_prompts.jsonl").read_bytes()})
    columns = {"key": "key", "instruction": "prompt", "label": "topic"}
    source(workspace, revision, id="sample_prompts", format="jsonl", columns=columns)
    with workspace.params() as params:
        params["sample"]["collect"]["near_duplicates"]["threshold"] = 0.8
    collected(workspace, hub)
    before = len(hub.asked)
    workspace.build("synthesize", "judge", "filter", "review", "validate", "release")
    assert len(hub.asked) == before
    manifest = yaml.safe_load((workspace.release / "manifest.json").read_text())
    (entry,) = manifest["sources"]
    assert entry.pop("rows") > 20
    assert entry == {"id": "sample_prompts", "license": "ODC-By-1.0", "repository": NAME, "revision": revision}
    card, details = ((workspace.release / name).read_text() for name in ("README.md", "DETAILS.md"))
    assert f"| `sample_prompts` | `{NAME}` at `{revision[:10]}` | ODC-By-1.0 |" in details
    assert "\nlicense: odc-by\n" in card


PEAK = """
import re, sys
from pathlib import Path
from builders.__main__ import main
assert main(["collect", "quiz"]) == 0
print(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1])
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_memory_does_not_grow_with_the_file_that_is_sampled(workspace: Workspace, hub: Hub) -> None:
    padded = [(*row[:2], "and so on " * 400, row[3]) for row in requests(4000)]
    small, large = written(padded[:400]), written(padded)
    assert len(large) > 60 * LARGE_BYTES
    peaks = []
    for path, content in (("small.tsv", small), ("large.tsv", large)):
        source(workspace, hub.add(NAME, {path: content}), path, limit={"rows": 20, "over": "data_type", "seed": 0})
        done = workspace.finished([sys.executable, "-c", PEAK], **hub.environment(READER))
        assert done.returncode == 0, done.stderr
        peaks.append(int(done.stdout.split()[-1]) * 1024)
    assert peaks[1] - peaks[0] < len(large) / 3
