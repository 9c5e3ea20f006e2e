# mypy: disable-error-code="import-not-found,import-untyped"
"""Bespoke Curator 0.1 with its OpenAI back end.

Its limits of requests and tokens a minute are raised beyond reach. It counts tokens with a vocabulary that it downloads; in
its place stands one of single bytes, which takes about the same time.
"""

from collections.abc import Iterator
from typing import Any

import tiktoken
from bespokelabs import curator
from datasets import load_dataset

from benchmarks.drivers.peer import Job, main

_UNLIMITED = 1_000_000_000


class _Teacher(curator.LLM):  # type: ignore[misc]
    def prompt(self, row: dict[str, str]) -> str:
        return row["prompt"]

    def parse(self, row: dict[str, str], response: str) -> dict[str, str]:
        return {"prompt": row["prompt"], "reply": response}


def _bytes_as_tokens(encoding_name: str) -> tiktoken.Encoding:
    ranks = {bytes([byte]): byte for byte in range(256)}
    return tiktoken.Encoding(encoding_name, pat_str=r"\w+|\s+|[^\w\s]+", mergeable_ranks=ranks, special_tokens={})


def generate(job: Job) -> Any:  # noqa: ANN401
    """Ask about each row; Curator keeps what it wrote in `cache/`."""
    tiktoken.get_encoding = _bytes_as_tokens
    settings = {
        "base_url": job.url,
        "api_key": "none",
        "max_concurrent_requests": job.concurrency,
        "max_requests_per_minute": _UNLIMITED,
        "max_tokens_per_minute": _UNLIMITED,
    }
    teacher = _Teacher("loopback", backend="openai", backend_params=settings, generation_params={"temperature": 0.6})
    dataset = load_dataset("json", data_files=str(job.prompts), split="train")
    return teacher(dataset, working_dir=str(job.folder / "cache"))


def replies(_job: Job, outcome: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401
    """Read the dataset that Curator made."""
    for row in outcome.dataset:
        yield row["prompt"], row["reply"]


if __name__ == "__main__":
    main(generate, replies)
