"""What the tests on a real vLLM share: a tiny model, made on the spot, and the environment in which an engine serves it."""

import os
import subprocess
from pathlib import Path

import pytest
from pydantic import JsonValue

from builders.params.roles import Role, Sampling
from tests.harness import PROJECT

TEXTS = ("README.md", "CONTRIBUTING.md", "LICENSE")


@pytest.fixture(scope="session")
def engine_environment() -> dict[str, str]:
    """What an engine needs on a CPU: 1 GiB for its cache of keys and values, no compilation, no network."""
    return {
        "BUILDERS_VLLM_PYTHON": str(Path(os.environ["TRACEWRIGHT_VLLM"]).absolute()),
        "BUILDERS_VLLM_ARGS": "--enforce-eager",
        "VLLM_CPU_KVCACHE_SPACE": "1",
        "HF_HUB_OFFLINE": "1",
    }


@pytest.fixture(scope="session")
def tiny_model(engine_environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a chat model of 0.3 million random weights that knows the words of this repository's texts."""
    folder = tmp_path_factory.mktemp("models") / "tiny"
    script, texts = PROJECT / "tests/vllm/make_model.py", [PROJECT / text for text in TEXTS]
    subprocess.run([engine_environment["BUILDERS_VLLM_PYTHON"], script, folder, *texts], check=True, timeout=300)
    return folder


@pytest.fixture
def role(tiny_model: Path) -> Role:
    """A role that this model plays."""
    sampling = Sampling(temperature=1.0, top_p=1.0, max_tokens=24)
    engine: dict[str, JsonValue] = {"max-model-len": 512, "dtype": "float32"}
    return Role(
        model=str(tiny_model), revision=None, server=None, api="chat", engine=engine, sampling=sampling, prices=None, repairs=0
    )
