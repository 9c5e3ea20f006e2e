"""Embeddings as replies: read from OpenAI's embeddings API, kept as text, and read back."""

import base64
import binascii
from typing import Any

import numpy as np
import numpy.typing as npt

from builders.teachers import faults, lenient
from builders.teachers.faults import BrokenError, FaultError

Vector = npt.NDArray[np.float32]
_KIND = "<f4"


def read(content: bytes) -> dict[str, Any]:
    """Return what is kept of a reply: `content`, the vector in base 64, and `tokens`.

    Args:
        content: the body of a response with status 200.

    Raises:
        BrokenError: it is not an embedding.
        ToldError: it is an error.
    """
    body = lenient.parsed(content)
    if isinstance(body, dict) and body.get("error"):
        raise FaultError(faults.parse(200, body, {}), paid=False)
    vector, usage = _vector(body), body.get("usage")
    count = usage.get("prompt_tokens") if isinstance(usage, dict) else None
    tokens = [count if type(count) is int and count > 0 else None, 0]
    return {"content": base64.b64encode(vector.tobytes()).decode(), "finish_reason": "stop", "tokens": tokens}


def _vector(body: Any) -> Vector:  # noqa: ANN401  (any JSON)
    try:
        vector = np.asarray(body["data"][0]["embedding"], dtype=_KIND)
    except (KeyError, IndexError, TypeError, ValueError):
        raise BrokenError("a body that holds no embedding") from None
    if vector.ndim != 1 or not len(vector) or not np.isfinite(vector).all():
        raise BrokenError("an embedding that is not a list of numbers")
    return vector


def vector(text: str) -> Vector | None:
    """Return the vector that a reply's text holds, of length one; None where it holds none."""
    try:
        found = np.frombuffer(base64.b64decode(text, validate=True), _KIND)
    except (binascii.Error, ValueError):
        return None
    length = float(np.linalg.norm(found))
    return (found / length).astype(np.float32) if length else None
