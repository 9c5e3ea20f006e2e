"""Flags of vLLM: which go to params and which to the environment, and what a line says of any other."""

import pytest
from pydantic import JsonValue

from builders.errors import BuildError
from builders.params import flags


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("", []),
        ("--max-num-seqs 4", ["--max-num-seqs=4"]),
        ("--max_num_seqs=4", ["--max-num-seqs=4"]),
        ("--max-num-seqs=", ["--max-num-seqs="]),
        (
            "-tp 2 -pp=3 -dp 4 -ep",
            [
                f"--{name}"
                for name in (
                    "tensor-parallel-size=2",
                    "pipeline-parallel-size=3",
                    "data-parallel-size=4",
                    "enable-expert-parallel",
                )
            ],
        ),
        ("--no-enable-prefix-caching --enforce-eager", ["--no-enable-prefix-caching", "--enforce-eager"]),
        ("--compilation-config.level 3", ["--compilation-config.level=3"]),
        ("--compilation-config.level=3", ["--compilation-config.level=3"]),
    ],
)
def test_flags_of_speed_are_one_word_each(given: str, words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUILDERS_VLLM_ARGS", given)
    assert flags.of_speed("teacher") == words


_UNKNOWN = "is not a flag of vLLM known to change speed only; leave it out, or write it in full if you cut it short"
_MOVE = "changes replies; move it to engine under the role teacher in the family's params.yaml"
_OURS = "is not chosen here; name model and revision under the role in params, leave the rest to us"


@pytest.mark.parametrize(
    ("given", "line"),
    [
        *((word, f"{word} {_UNKNOWN}") for word in ("--enforce-eager.x", "--zzz", "zzz", "-x", "tensor-parallel-size")),
        ("-ep=1", f"-ep {_UNKNOWN}"),
        ("--dtype x", f"--dtype {_MOVE}"),
        ("--no-seed", f"--seed {_MOVE}"),
        *((f"--{name} 1", f"--{name} {_OURS}") for name in ("port", "host", "model", "revision", "api-key", "uds")),
        ("-tp", "-tp has no value; write one behind it"),
        ("'", "cannot be split into words (No closing quotation); close the quotation"),
    ],
)
def test_any_other_flag_is_one_line(given: str, line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUILDERS_VLLM_ARGS", given)
    with pytest.raises(BuildError) as caught:
        flags.of_speed("teacher")
    assert str(caught.value) == f"BUILDERS_VLLM_ARGS: {line}"


@pytest.mark.parametrize(
    ("flag", "value", "line"),
    [
        ("dtype", None, "dtype has no value; leave it out for vLLM's default"),
        ("max_model_len", 1, "max_model_len is not a flag of vLLM known to change replies; did you mean max-model-len?"),
        (
            "max-num-seqs",
            1,
            "max-num-seqs is not a flag of vLLM known to change replies; flags of speed go to BUILDERS_VLLM_ARGS",
        ),
        (
            "chat-template",
            "a.jinja",
            "chat-template is not a template; write out what its file says, for the name stays when the file changes",
        ),
    ],
)
def test_a_flag_of_params_changes_replies_and_has_a_value(flag: str, value: JsonValue, line: str) -> None:
    with pytest.raises(ValueError, match=f"^{line.replace('?', '[?]')}$"):
        flags.checked({"seed": 1, flag: value})
    kept: dict[str, JsonValue] = {"dtype": False, "chat-template": "{{ x }}", "seed": 0}
    assert flags.checked(kept) == kept


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (True, ["--a"]),
        (False, ["--no-a"]),
        ([1, "x", None], ["--a", "1", "x", "null"]),
        ({"b": 1}, ['--a={"b": 1}']),
        ("x", ["--a=x"]),
        (1.5, ["--a=1.5"]),
    ],
)
def test_a_flag_of_params_becomes_words(value: JsonValue, words: list[str]) -> None:
    assert flags.flag_words("a", value) == words
