"""Templates of sources are filled in within a moment, and come to a text of bounded length, or to nothing."""

import resource
import signal
import time

import pytest

from builders.sources.templates import MOST_CHARACTERS, SECONDS, filled

ENDLESS = [
    "{{ 'a' * 10**9 }}",
    "{{ 'a' | center(10**10) }}",
    "{{ '%9999999999d' % 1 }}",
    "{{ '{:>9999999999}'.format(1) }}",
    "{{ 9 ** 9 ** 9 ** 9 }}",
    "{{ 2 ** 65 }}",
    "{{ 2 ** -65 }}",
    "{{ 1000000000000000001 * 2 }}",
    "{{ 2 * 1000000000000000001 }}",
    "{{ 5 % 1000000000000000001 }}",
    "{{ ('ab' * 5000001) | length }}",
    "{{ (5000001 * 'ab') | length }}",
    "{{ ([1] * 10000001) | length }}",
    "{{ ((1, 2) * 5000001) | length }}",
    "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
    "{% for a in range(99999) %}{{ text * 100 }}{% endfor %}",
    "{% set all = namespace(x='ab') %}{% for a in range(60) %}{% set all.x = all.x ~ all.x %}{% endfor %}{{ all.x | length }}",
    "{% macro again() %}{{ again() }}{% endmacro %}{{ again() }}",
]


@pytest.mark.parametrize("template", ENDLESS)
def test_a_template_that_would_not_end_comes_to_nothing(template: str) -> None:
    start = time.process_time()
    before = resource.getrlimit(resource.RLIMIT_AS), signal.getsignal(signal.SIGALRM)
    assert filled(template, {"text": "x" * 100}) is None
    assert time.process_time() - start < SECONDS + 3
    assert (resource.getrlimit(resource.RLIMIT_AS), signal.getsignal(signal.SIGALRM)) == before


@pytest.mark.parametrize(
    "template",
    [
        "{{",
        "{{ absent }}",
        "{{ text + 1 }}",
        "{{ '%' % () }}",
        "{{ 1 / (text | length - 100) }}",
        "{{ text.encode('nope') }}",
        "{{ '{0.x}'.format(1) }}",
        "{{ 'x' % 4 }}",
        "{{ 'x' * 1.5 }}",
        "{{ text.nothing }}",
        "{{ [1][4] }}",
        "{{ '{'.format(1) }}",
        "{{ 5 | dictsort }}",
    ],
)
def test_a_template_that_a_value_does_not_fit_comes_to_nothing(template: str) -> None:
    assert filled(template, {"text": "x" * 100}) is None


def test_what_ends_is_filled_in() -> None:
    assert filled("{{ a }} and {{ b[0].c | upper }}: {{ 2 ** 10 * 3 }}", {"a": "x", "b": [{"c": "y"}]}) == "x and Y: 3072"
    assert filled("{{ a * 1000 }}", {"a": "x" * 1000}) == "x" * 10**6
    assert filled("{{ 2 ** 64 }} {{ 2 ** -1 }} {{ 1.5 ** 2 }} {{ 4 ** 0.5 }}", {}) == "18446744073709551616 0.5 2.25 2.0"
    assert filled("{{ 1000000000000000000 * -2 }} {{ 7 % 4 }}", {}) == "-2000000000000000000 3"
    assert filled("{{ 'x' * 3 }}{{ 3 * 'y' }}{{ 'z' * -3 }}{{ [1] * 2 }}", {}) == "xxxyyy[1, 1]"
    assert filled("{{ ('ab' * 5000000) | length }}", {}) == "10000000"
    assert (MOST_CHARACTERS, SECONDS) == (10_000_000, 2.0)


def test_what_a_row_has_nothing_for_leaves_no_word_in_the_text() -> None:
    values = {"question": "Why?", "context": None, "score": float("nan"), "most": float("inf"), "rows": [None]}
    assert filled("{{ context }}{{ score }}{{ most }}{{ rows[0] }}{{ question }}", values) == "Why?"
    assert filled("{{ context }}", values) == ""
    assert filled("{{ 0 }}{{ false }}{{ 1.5 }}", values) == "0False1.5"


def test_a_value_from_outside_is_not_changed() -> None:
    values = {"rows": [1]}
    assert filled("{{ rows.append(2) }}", values) is None
    assert values == {"rows": [1]}


def test_a_text_of_more_than_ten_million_characters_comes_to_nothing() -> None:
    template = "{% for part in parts %}{{ part }}{% endfor %}"
    part = "x" * (MOST_CHARACTERS // 10)
    assert filled(template, {"parts": [part] * 10}) == part * 10
    assert filled(template, {"parts": [*[part] * 10, "x"]}) is None
