"""Problems as samples, and what becomes of a reply to one."""

import pytest

from builders.evaluation import accuracy
from builders.evaluation.problem_files import Problem
from builders.evaluation.replies import RawReply


@pytest.mark.parametrize(
    ("image", "uri"),
    [
        (b"\x89PNGx", "data:image/png;base64,iVBOR3g="),
        (b"\xff\xd8\xffx", "data:image/jpeg;base64,/9j/eA=="),
        (b"GIF8x", "data:image/gif;base64,R0lGOHg="),
        (b"RIFFx", "data:image/webp;base64,UklGRng="),
        (b"other", "data:image/png;base64,b3RoZXI="),
    ],
)
def test_a_picture_is_named_by_how_it_begins(image: bytes, uri: str) -> None:
    assert accuracy.data_uri(image) == uri


def test_a_sample_has_its_pictures_before_the_text_and_what_the_checker_needs() -> None:
    found = accuracy.sample(Problem("a", "3 + 4?", ("7", "8"), "A", (b"GIF8x",)), "Ask: 3 + 4?", level=2)
    [turn] = [message for message in found.input if not isinstance(message, str)]
    assert [part.type for part in turn.content if not isinstance(part, str)] == ["image", "text"]
    assert turn.text == "Ask: 3 + 4?"
    assert (found.id, found.target) == ("a", "A")
    assert found.metadata == {"question_text": "3 + 4?", "options": ["7", "8"], "level": 2}
    bare = accuracy.sample(Problem("a", "3 + 4?", (), "7", ()), "3 + 4?")
    assert [message.content for message in bare.input if not isinstance(message, str)] == ["3 + 4?"]


@pytest.mark.parametrize(
    ("text", "finish_reason", "outcome"),
    [
        ("Answer: 7", "stop", "right"),
        ("Answer: 8", "stop", "wrong"),
        ("It is\n8", "stop", "wrong"),
        ("word " * 40, "stop", "no_final"),
        ("I'm sorry, but I can't help with that.", "stop", "refused"),
        ("I'm sorry, but I can't help with that. " * 4, "stop", "refused"),
        ("I'm sorry, but I can't help with that.\nAnswer: 8", "stop", "wrong"),
        ("Answer: 7", "length", "truncated"),
        ("", "stop", "blank"),
        ("Las judías de la huerta son siete, y por la tarde se riegan.\nAnswer: 7", "stop", "right"),
    ],
)
def test_a_reply_is_right_wrong_refused_without_a_final_answer_or_none(text: str, finish_reason: str, outcome: str) -> None:
    assert accuracy.outcome(RawReply(text, finish_reason), "7", (), "3 + 4?") == outcome


def test_the_part_that_says_the_answer_may_be_another() -> None:
    reply = RawReply("Answer: 8 / Answer: 7", "stop")
    assert accuracy.outcome(reply, "7", (), "3 + 4?", lambda text: text.partition(" / ")[2]) == "right"
    assert accuracy.outcome(reply, "7", (), "3 + 4?", lambda text: text.partition(" / ")[0]) == "wrong"
