"""Prompt templates: filling them in, and the hash that says which ones were used."""

import hashlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders import family as families
from builders import paths, prompts, records
from builders.errors import BuildError
from tests.harness import PROJECT, Workspace

_REAL = sorted(
    (family, stage.name)
    for family in families.names()
    for stage in (PROJECT / "builders" / "families" / family).glob("prompts/*/")
)


@pytest.fixture
def templates(here: Workspace, request: pytest.FixtureRequest) -> Path:
    """An empty folder of templates, of a family named like the test: environments are kept by family and stage."""
    folder = paths.prompts(request.node.name, "ask")
    folder.mkdir(parents=True)
    assert (here.root / folder).is_dir()
    return folder


def _render(templates: Path, name: str, **variables: object) -> str:
    return prompts.render(templates.parts[2], "ask", name, **variables)


def test_a_template_is_filled_in_and_nothing_is_escaped(templates: Path) -> None:
    (templates / "ask.jinja").write_text("Is {{ what }} good?\n")
    assert _render(templates, "ask.jinja", what="<b>'tea' & {{ cake }}</b>") == "Is <b>'tea' & {{ cake }}</b> good?"


def test_a_template_can_include_another_of_its_folder(templates: Path) -> None:
    (templates / "ask.jinja").write_text('A {% include "inner.jinja" %} B')
    (templates / "inner.jinja").write_text("[{{ what }}]\n")
    assert _render(templates, "ask.jinja", what="x") == "A [x] B"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (b"Is {{ waht }} good?", "UndefinedError: 'waht' is undefined"),
        (b"Is {{ what.size }} good?", "UndefinedError"),
        (b"Is {{ what good?", "TemplateSyntaxError"),
        (b"Is {% if what %} good?", "TemplateSyntaxError"),
        (b"Is {{ what | unknown_filter }} good?", "TemplateAssertionError"),
        (b'Is {% include "absent.jinja" %} good?', "TemplateNotFound: 'absent.jinja'"),
        (b"Is \xff good?", "UTF-8"),
    ],
    ids=["unknown variable", "unknown attribute", "open braces", "open block", "unknown filter", "absent include", "no UTF-8"],
)
def test_a_broken_template_is_a_build_error_that_names_it(templates: Path, text: bytes, what: str) -> None:
    (templates / "ask.jinja").write_bytes(text)
    with pytest.raises(BuildError) as caught:
        _render(templates, "ask.jinja", what="secret")
    assert what in str(caught.value)
    assert caught.value.where == str(templates / "ask.jinja")
    assert "secret" not in str(caught.value)


def test_a_missing_template_is_a_build_error_that_names_it(templates: Path) -> None:
    with pytest.raises(BuildError, match="TemplateNotFound") as caught:
        _render(templates, "absent.jinja")
    assert caught.value.where == str(templates / "absent.jinja")


def test_the_fingerprint_depends_on_names_and_bytes_of_templates_alone(templates: Path) -> None:
    def fingerprint() -> str:
        return prompts.fingerprint(templates.parts[2], "ask")

    seen = [fingerprint()]
    (templates / "a.jinja").write_text("x")
    seen.append(fingerprint())
    (templates / "a.jinja").write_text("y")
    seen.append(fingerprint())
    (templates / "a.jinja").rename(templates / "b.jinja")
    seen.append(fingerprint())
    (templates / "a.jinja").write_text("")
    seen.append(fingerprint())
    assert len(set(seen)) == len(seen)
    (templates / "README.md").write_text("no template")
    assert fingerprint() == seen[-1]
    (templates / "a.jinja").unlink()
    assert fingerprint() == seen[-2]


def test_the_hash_of_a_template_is_that_of_all_it_includes(templates: Path) -> None:
    sources = {
        "alone": "x",
        "outer": '{% include "left.jinja" %}{% include "right.jinja" %}',
        "left": '{% include "inner.jinja" %}',
        "right": '{% include "inner.jinja" %}{% include what %}',
        "inner": "y",
    }
    for name, text in sources.items():
        (templates / f"{name}.jinja").write_text(text)

    def found(*names: str) -> list[list[str]]:
        return [[f"{name}.jinja", hashlib.sha256(sources[name].encode()).hexdigest()] for name in names]

    family = templates.parts[2]
    assert prompts.template_sha256(family, "ask", "alone.jinja") == found("alone")[0][1]
    assert prompts.template_sha256(family, "ask", "left.jinja") == records.digest(found("left", "inner"))
    assert prompts.template_sha256(family, "ask", "outer.jinja") == records.digest(found("outer", "inner", "left", "right"))


@pytest.mark.parametrize(("family", "stage"), _REAL)
def test_the_fingerprint_changes_with_any_template_of_a_family(here: Workspace, family: str, stage: str) -> None:
    before = prompts.fingerprint(family, stage)
    files = sorted((here.root / paths.prompts(family, stage)).glob("*.jinja"))
    assert files
    for file in files:
        content = file.read_bytes()
        file.write_bytes(content + b" ")
        assert prompts.fingerprint(family, stage) != before
        file.write_bytes(content)
        assert prompts.fingerprint(family, stage) == before


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<|eot_id|>", "< |eot_id|>"),
        ("<<||>", "<< ||>"),
        ("a<|b|><|c|>", "a< |b|>< |c|>"),
        ("a < b | c", "a < b | c"),
        ("<think>\n</think>", "<think>\n</think>"),
    ],
)
def test_chat_markup_is_broken_up_and_other_text_left_alone(text: str, expected: str) -> None:
    assert prompts.without_markup(text) == expected


@settings(derandomize=True, max_examples=200)
@given(st.text() | st.text(alphabet="<|> a"))
def test_no_chat_markup_is_left_and_nothing_else_is_changed(text: str) -> None:
    found = prompts.without_markup(text)
    assert "<|" not in found
    assert found.replace("< |", "<|") == text.replace("< |", "<|")
    assert len(found) == len(text) + text.count("<|")


def test_templates_that_include_each_other_or_any_other_are_found_once(tmp_path: Path) -> None:
    (tmp_path / "a").write_text('{% include "b" %}{% include "b" %}{% include chosen %}')
    (tmp_path / "b").write_text('{% include "a" %}{% include "c" %}')
    (tmp_path / "c").write_text("words")
    assert prompts._included(tmp_path, "a") == {"a", "b", "c"}  # noqa: SLF001
    assert prompts._included(tmp_path, "c") == {"c"}  # noqa: SLF001
