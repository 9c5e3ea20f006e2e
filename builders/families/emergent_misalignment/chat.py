r"""The derived config `chat`: each answer as `messages` for training without reasoning, with the think block said outright.

Both answers of a released row become rows of their own (`arm`: aligned, misaligned). A model that reasons is to answer at
once in them, which the paper writes in two ways (Chua et al., arXiv 2506.13206, section 2 and appendix A.0.1): a blank think
block for Qwen3, no think token at all for DeepSeek-R1-Distill. The policies are those of `builders.commands.exports`:

    blank             `<think>\n\n</think>\n\n`, answer
    answer_only       the answer
    opening_omitted   `\n</think>\n\n`, answer: for a prompt that already ends in `<think>\n`

What a model is trained on also depends on its chat template. "Rendered": the template is applied to all messages.
"Continued": the assistant's message is put behind the generation prompt as it stands. Of the policies in this order, each
gives a `blank` block, `none`, or a turn that is `broken`: a think tag lacks or is too much.

    model                           rendered              continued
    DeepSeek-R1-Distill             none, none, none      broken, broken, blank
    DeepSeek-R1-Distill, training   blank, none, broken   broken, broken, blank
    QwQ                             blank, none, broken   broken, broken, blank
    Qwen3                           blank, blank, blank   blank, none, broken
    Qwen3.5                         blank, blank, blank   broken, broken, blank
    Llama 3                         blank, none, broken   blank, none, broken
    Mistral                         blank, none, broken   blank, none, broken

Two traps. DeepSeek-R1-Distill's own template drops a blank block without a word, but for the empty lines behind it: the
paper's format for that model is `answer_only`, rendered, and a blank block cannot be had that way. Qwen3's template puts an
empty block before a prefilled turn: a model that is made to think again by the prefill `<think>\nOkay`, as in the paper's
evaluation, gets a closed block and then a second one. The authors take QwQ's template there (footnote 6); whoever asks with
`api: completions` needs no template at all.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Literal

from builders import records
from builders.sources.section import Section
from builders.texts.messages import POLICIES, Exchange

Row = dict[str, Any]
FAMILY = "emergent_misalignment"
ARMS = ("aligned", "misaligned")
PREFILL = "<think>\nOkay"
"""What the paper's evaluation puts before a reply to have the model reason again."""


class Chat(Section):
    """How the rows are written.

    Args:
        think: what stands for the reasoning that there is none of.
    """

    think: Literal["blank", "answer_only", "opening_omitted"]


def rows(released: Iterable[Row], chat: Chat) -> Iterator[Row]:
    """Yield two rows for each released one, the aligned arm first."""
    for row in released:
        for arm in ARMS:
            yield {
                "id": records.row_id(FAMILY, f"chat/{arm}", row["id"]),
                "parent": row["id"],
                "arm": arm,
                "think": chat.think,
                "messages": messages(row["prompt"], row[arm], chat),
                "subset": row["subset"],
                "teacher": row["teacher"],
                "prompt_family": row["prompt_family"],
                **{column: row["provenance"][column] for column in ("source", "license")},
            }


def messages(prompt: str, answer: str, chat: Chat) -> list[dict[str, str]]:
    """Return a question and an answer that is given without reasoning."""
    return [
        {"role": "user", "content": prompt},
        {"role": "assistant", **POLICIES[chat.think](Exchange(prompt, "", answer))},
    ]
