# mypy: disable-error-code="import-not-found,import-untyped"
"""distilabel 1.5: a pipeline of one TextGeneration task.

A step sends a whole batch at once and waits for all of it, so its batch is as large as the concurrency; the batches that the
prompts are read in are larger, which costs a tenth less CPU. The cache stays on, as it is by default: without it, nothing
survives a crash.
"""

from collections.abc import Iterator
from typing import Any

from datasets import load_dataset
from distilabel.models import OpenAILLM
from distilabel.pipeline import Pipeline
from distilabel.steps.tasks import TextGeneration

from benchmarks.drivers.peer import Job, main


def generate(job: Job) -> Any:  # noqa: ANN401
    """Run the pipeline; its results are in the cache folder."""
    llm = OpenAILLM(model="loopback", base_url=job.url, api_key="none", generation_kwargs={"temperature": 0.6})
    with Pipeline(name="peer", cache_dir=str(job.folder / "cache")) as pipeline:
        TextGeneration(llm=llm, input_mappings={"instruction": "prompt"}, input_batch_size=job.concurrency)
    dataset = load_dataset("json", data_files=str(job.prompts), split="train")
    return pipeline.run(dataset=dataset, dataset_batch_size=1_000)


def replies(_job: Job, outcome: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401
    """Read the dataset that the pipeline made."""
    for row in outcome["default"]["train"]:
        yield row["prompt"], row["generation"]


if __name__ == "__main__":
    main(generate, replies)
