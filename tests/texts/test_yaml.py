"""YAML from outside: aliases stand for a bounded number of values, and what a tag does not fit is nothing, or one line."""

import time
from pathlib import Path

import pytest
import yaml

from builders.errors import BuildError
from builders.texts import files
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
