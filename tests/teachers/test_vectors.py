"""Vectors of an embeddings server: what is one, and what is none."""

import base64
import json

import numpy as np
import pytest

from builders.teachers import vectors
from builders.teachers.faults import BrokenError, FaultError


def body(embedding: object, **more: object) -> bytes:
    return json.dumps({"data": [{"embedding": embedding}], **more}).encode()


@pytest.mark.parametrize("content", [b"{", b"[]", b"{}", b'{"data": []}', b'{"data": null}', body(["x"]), body([[1], [1, 2]])])
def test_a_body_without_a_vector_is_broken(content: bytes) -> None:
    with pytest.raises(BrokenError, match="a body that holds no embedding"):
        vectors.read(content)


@pytest.mark.parametrize("embedding", [[], 3, [[1.0], [2.0]], [1.0, None]])
def test_what_is_no_list_of_numbers_is_broken(embedding: object) -> None:
    with pytest.raises(BrokenError, match="an embedding that is not a list of numbers"):
        vectors.read(body(embedding))


def test_an_error_is_told() -> None:
    with pytest.raises(FaultError):
        vectors.read(b'{"error": {"message": "no such model"}}')


@pytest.mark.parametrize(("usage", "tokens"), [({"prompt_tokens": 7}, 7), ({"prompt_tokens": 0}, None), ({}, None), (3, None)])
def test_a_vector_is_kept_with_its_tokens_and_read_with_length_one(usage: object, tokens: int | None) -> None:
    kept = vectors.read(body([3.0, 4.0], usage=usage))
    assert (kept["finish_reason"], kept["tokens"]) == ("stop", [tokens, 0])
    found = vectors.vector(kept["content"])
    assert found is not None
    assert found.tolist() == pytest.approx([0.6, 0.8])


@pytest.mark.parametrize(
    "text", ["", "not base 64!", "YQ=", base64.b64encode(b"abc").decode(), base64.b64encode(np.zeros(8).tobytes()).decode()]
)
def test_a_text_that_holds_no_vector_is_none(text: str) -> None:
    assert vectors.vector(text) is None
