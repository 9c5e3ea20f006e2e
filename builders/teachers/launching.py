"""How a vLLM of our own is started.

What changes its replies is in the role's params: `model`, `revision` and `engine`. The environment says where it runs:

`BUILDERS_GPUS`         the GPUs it sees, such as `0,1`; one model is split over all of them, unless a flag says over how many:
                        then there are as many engines as that makes, which answer in each other's place
`BUILDERS_VLLM_ARGS`    flags that change its speed only; any other is refused
`BUILDERS_VLLM_PYTHON`  an interpreter that has vLLM, where ours has not

It listens on the loopback only and is given no API key.

Changes no byte of a row.
"""

import math
import os
import re
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from builders.errors import BuildError
from builders.params import flags
from builders.params.roles import Role

_COUNT = re.compile("[1-9][0-9]*")
_GPU = re.compile(r"\d+|(GPU|MIG)-[\w-]+")


def groups(name: str) -> list[tuple[str, ...]]:
    """Return the GPUs of each engine that serves a role, none where the environment names none.

    One engine has all of them, unless flags say that fewer share its work; vLLM's own data parallelism is left to it.

    Args:
        name: the role's name.

    Raises:
        BuildError: the environment says something that we cannot do, or some GPUs would be left over.
    """
    seen, sizes = gpus(), dict(flag.removeprefix("--").split("=", 1) for flag in flags.of_speed(name) if "=" in flag)
    sharing = [sizes[flag] for flag in flags.SHARING if flag in sizes]
    if not seen or not sharing or flags.REPLICATING in sizes or not all(map(_COUNT.fullmatch, sharing)):
        return [seen]
    each = math.prod(map(int, sharing))
    if len(seen) % each:
        what = f"{len(seen)} GPUs make no whole number of engines on {each} each"
        raise BuildError(what, where="BUILDERS_GPUS", fix=f"name a multiple of {each}, or change {flags.VARIABLE}")
    return [seen[start : start + each] for start in range(0, len(seen), each)]


def command(name: str, role: Role, port: int, seen: Sequence[str]) -> list[str]:
    """Return the command that serves a role's model on a port of the loopback.

    Args:
        name: the role's name.
        role: what is served, and how.
        port: where.
        seen: the GPUs that it has; none where that is left to it.

    Raises:
        BuildError: params do not name the model, or the environment says something that we cannot do.
    """
    if role.model is None:
        what = f"model of the role {name} is null, and a vLLM of our own serves what it is told to"
        raise BuildError(what, where="teacher: vllm", fix="name the model in the family's params.yaml")
    options = flags.of_speed(name)
    if seen and not any(flag.partition("=")[0].removeprefix("--") in flags.PARALLEL for flag in options):
        options.insert(0, f"--tensor-parallel-size={len(seen)}")
    # The module, not `vllm serve`, which does not start where the wheel was rebuilt under another name.
    return [
        *(_python(), "-m", "vllm.entrypoints.openai.api_server", "--host=127.0.0.1", f"--port={port}"),
        *(f"--model={role.model}", f"--served-model-name={role.model}"),
        *([f"--revision={role.revision}"] if role.revision else []),
        *("--enable-prefix-caching", "--disable-uvicorn-access-log"),
        *options,
        *(word for flag, value in (role.engine or {}).items() for word in flags.flag_words(flag, value)),
    ]


def gpus() -> tuple[str, ...]:
    """Return the GPUs that the environment names.

    Raises:
        BuildError: it is not a list of GPUs.
    """
    text = os.environ.get("BUILDERS_GPUS", "")
    named = tuple(gpu.strip() for gpu in text.split(",")) if text else ()
    if len(set(named)) < len(named) or not all(_GPU.fullmatch(gpu) for gpu in named):
        raise BuildError("not a list of GPUs", where="BUILDERS_GPUS", fix="write their numbers, such as 0,1")
    return named


def _python() -> str:
    interpreter = os.environ.get("BUILDERS_VLLM_PYTHON") or sys.executable
    if not (found := shutil.which(interpreter)):
        raise BuildError("no such program", where="BUILDERS_VLLM_PYTHON", fix="name the python of an environment that has vLLM")
    return str(Path(found).absolute())  # not resolved: a link is what makes it the python of its environment


def environment(python: str, seen: Sequence[str]) -> dict[str, str]:
    """Return our environment without keys and without what quietens its progress, which goes to the log.

    Args:
        python: the interpreter that has vLLM.
        seen: the GPUs that it has; none where that is left to it.
    """
    quiet = {"TQDM_DISABLE", "HF_HUB_DISABLE_PROGRESS_BARS"}
    kept = {name: value for name, value in os.environ.items() if not name.endswith("_API_KEY") and name not in quiet}
    visible = {"CUDA_VISIBLE_DEVICES": ",".join(seen)} if seen else {}
    path = os.pathsep.join([str(Path(python).parent), os.environ.get("PATH", os.defpath)])  # it compiles with tools from there
    return {**kept, **visible, "PATH": path, "VLLM_NO_USAGE_STATS": "1"}
