"""YAML from outside: aliases stand for a bounded number of values, and what a tag does not fit is nothing, or one line."""

import time
from pathlib import Path

import pytest
import yaml

from builders.errors import BuildError
from builders.texts import files
from builders.texts import yaml as texts_yaml
from builders.texts.yaml import is_flat
from tests.harness import PROJECT

BOMB = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]\n" for before, name in zip("abcdefghi", "bcdefghij", strict=True)
)
SIXTIES = f"1{':00' * 300}.5"
"""A number to the base of sixty, larger than any real number can be."""
MISFITS = ["!!timestamp x", "!!bool x", "!!int ''", "!!float x", "!!python/object:os.system {}", "!odd x", "9" * 9_999, SIXTIES]


@pytest.mark.parametrize("forgiving", ["forgiving", ""])
@pytest.mark.parametrize("text", [BOMB, "&a [*a]", "&a {x: *a}", "a: &x " + "y" * 10_000 + "\nb: [" + "*x, " * 2_000 + "]"])
def test_aliases_that_stand_for_too_much_are_one_line(text: str, forgiving: str) -> None:
    start = time.process_time()
    with pytest.raises(BuildError, match=r"broken YAML: (aliases that stand for too much|a value that holds itself)"):
        files.parsed_yaml(text.encode(), "x.yaml", forgiving=bool(forgiving))
    assert time.process_time() - start < 5


def test_a_value_that_is_used_again_is_no_bomb() -> None:
    text = b"base: &base {x: 1, y: [a, b]}\nrows: [*base, *base]\nmerged: {<<: *base, x: 2}"
    row = {"x": 1, "y": ["a", "b"]}
    assert files.parsed_yaml(text, "x.yaml") == {"base": row, "rows": [row, row], "merged": {**row, "x": 2}}


def test_a_character_that_json_spells_in_two_halves_is_one() -> None:
    text = b'["\\ud83d\\ude00 a", "\\ud83d", "\\ude00\\ud83d", "caf\\u00e9", plain]'
    found = files.parsed_yaml(text, "x.yaml", forgiving=True)
    assert found == ["\U0001f600 a", "\ud83d", "\ude00\ud83d", "caf\u00e9", "plain"]


@pytest.mark.parametrize("value", MISFITS)
def test_a_value_that_its_tag_does_not_fit_is_none_or_one_line(value: str) -> None:
    text = f"- prompt: {value}\n- prompt: b\n".encode()
    assert files.parsed_yaml(text, "x.yaml", forgiving=True) == [{"prompt": None}, {"prompt": "b"}]
    with pytest.raises(BuildError, match=r"^x\.yaml(:1)?: broken YAML: ") as caught:
        files.parsed_yaml(text, "x.yaml")
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize("text", ["{? [1, 2] : 3}", "!!omap [1]", "!!pairs 3", "!!set {a, b}"])
def test_odd_mappings_cost_no_other_row(text: str) -> None:
    found = files.parsed_yaml(f"- x: {text}\n- x: b".encode(), "x.yaml", forgiving=True)
    assert found[1] == {"x": "b"}


def test_what_lies_too_deep_is_nothing() -> None:
    [row, other] = files.parsed_yaml(f"- x: {'[' * 2000}{']' * 2000}\n- x: b".encode(), "x.yaml", forgiving=True)
    assert other == {"x": "b"}
    depth = 0
    while row := row["x"] if isinstance(row, dict) else row and row[0]:
        depth += 1
    assert depth < 64


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? "])
def test_what_is_nested_without_end_is_one_line_and_ends_no_process(opening: str) -> None:
    text = opening * 99_999
    with pytest.raises(BuildError, match=r"^x\.yaml(:\d+)?: broken YAML: ") as caught:
        files.parsed_yaml(text.encode(), "x.yaml")
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize(("depth", "flat"), [(0, True), (1, True), (64, True), (65, False), (300_000, False)])
def test_a_text_is_flat_up_to_a_depth(depth: int, flat: bool) -> None:  # noqa: FBT001
    assert is_flat("[" * depth + "a" + "]" * depth) is flat
    assert is_flat("{a: " * depth + "a" + "}" * depth) is flat
    assert is_flat(f"[{'[a], ' * depth}a]")


WRITTEN = [*sorted(PROJECT.glob("builders/families/*/params.yaml")), PROJECT / "dvc.yaml", PROJECT / "params.yaml"]


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: path.relative_to(PROJECT).as_posix())
def test_what_is_in_order_is_read_quickly_and_is_what_the_slow_one_reads(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = yaml.safe_load(path.read_bytes())
    monkeypatch.setattr(files, "Loader", None)
    assert files.parsed_yaml(path.read_bytes(), path) == expected


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("? [1, 2]\n: 3\n? [1, 3]\n: 4\nb: 5", {"[1, 2]": 3, "[1, 3]": 4, "b": 5}),
        ("? {a: 1}\n: [2]", {"{'a': 1}": [2]}),
        ("? !!set {a}\n: 1", {"{'a'}": 1}),
        ("? &a [x]\n: *a", {"['x']": ["x"]}),
        ("<<: 1\na: 2", {"a": 2}),
        ("- !!omap [a: 1]", [[{"a": 1}]]),
        ("- !!pairs [a: 1, a: 2]", [[{"a": 1}, {"a": 2}]]),
        ("- !!omap {a: 1}", [None]),
        ("a: !!str [1]", {"a": None}),
        ("a: !!binary x", {"a": None}),
        ("a: 2001-99-99", {"a": None}),
        ("a: !odd x", {"a": None}),
        ("!odd x", None),
        ("a: !!bool x", {"a": None}),
        (f"a: {'1' * 1000}", {"a": int("1" * 1000)}),
        (f"a: {'1' * 1001}", {"a": None}),
        (f"a: 0b{'1' * 999}", {"a": None}),
        (f"a: !!float 1{'0' * 1000}", {"a": None}),
        (f"a: !!str {'1' * 1001}", {"a": "1" * 1001}),
        ("", None),
    ],
)
def test_what_no_tag_fits_is_left_out_and_nothing_else_is(text: str, value: object) -> None:
    assert files.parsed_yaml(text.encode(), "x.yaml", forgiving=True) == value


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (b"a: [1\n", "x.yaml:2: broken YAML: expected ',' or ']', but got '<stream end>'; fix that line"),
        (b"a: 1\n---\nb: 2", "x.yaml:2: broken YAML: but found another document; fix that line"),
        (b"*a", "x.yaml:1: broken YAML: found undefined alias 'a'; fix that line"),
        (b"a: \x01\n", "x.yaml:1: broken YAML: a control character; fix that line"),
        (b"a: 1\nb: 2\n\x07: 3", "x.yaml:3: broken YAML: a control character; fix that line"),
        (b"a\n\xff", "x.yaml:2: bytes that are not UTF-8; save the file as UTF-8"),
        (b"&a [*a]", "x.yaml: broken YAML: a value that holds itself; quote or fix that value"),
    ],
)
def test_what_is_no_yaml_is_one_line_that_names_its_place(text: bytes, what: str) -> None:
    for forgiving in (True, False):
        with pytest.raises(BuildError) as caught:
            files.parsed_yaml(text, "x.yaml", forgiving=forgiving)
        assert str(caught.value) == what


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("a: !!int x", "ValueError"),
        ("a: 2001-99-99", "ValueError"),
        ("a: !!timestamp x", "AttributeError"),
        ("a: !!bool x", "KeyError"),
        (f"a: {SIXTIES}", "OverflowError"),
        ("a: !!int ''", "IndexError"),
    ],
)
def test_a_value_that_cannot_be_understood_is_named_by_what_went_wrong(text: str, error: str) -> None:
    with pytest.raises(BuildError) as caught:
        files.parsed_yaml(text.encode(), "x.yaml")
    assert str(caught.value) == f"x.yaml: broken YAML: a value that cannot be understood ({error}); quote or fix that value"


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ("{a: ", "}")])
def test_sixty_four_levels_are_kept(opening: str, closing: str) -> None:
    for depth, kept in ((64, 64), (65, 64), (70, 64)):
        found = files.parsed_yaml((opening * depth + "1" + closing * depth).encode(), "x.yaml", forgiving=True)
        levels = 0
        while isinstance(found, (list, dict)) and found:
            levels, found = levels + 1, found["a"] if isinstance(found, dict) else found[0]
        assert (levels, found == 1) == (kept, depth == kept)


def test_a_byte_order_mark_is_no_part_of_a_value() -> None:
    assert files.parsed_yaml(b"\xef\xbb\xbfa: 1", "x.yaml") == {"a": 1}


@pytest.mark.parametrize("characters", [1, 6_000_000])
def test_what_repeats_a_text_is_too_much_however_long_the_text_is(characters: int) -> None:
    node: yaml.Node = yaml.ScalarNode("tag:yaml.org,2002:str", "x" * characters)
    texts_yaml._check(node)  # noqa: SLF001
    for _ in range(8):
        node = yaml.SequenceNode("tag:yaml.org,2002:seq", [node] * 10)
    with pytest.raises(texts_yaml.TooMuchError, match="aliases that stand for too much"):
        texts_yaml._check(node)  # noqa: SLF001
