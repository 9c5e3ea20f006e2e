"""How a vLLM of our own is started.

What changes its replies stands in the role's params: `model`, `revision` and `engine`. The environment says where it runs:

`BUILDERS_GPUS`         the GPUs it sees, such as `0,1`; one model is split over all of them unless a flag says otherwise
`BUILDERS_VLLM_ARGS`    flags that change its speed only; any other is refused
`BUILDERS_VLLM_PYTHON`  an interpreter that has vLLM, where ours has not

It listens on the loopback only and is given no API key.

Changes no byte of a row.
"""

import os
import re
import shutil
import sys
from pathlib import Path

from builders.errors import BuildError
from builders.params import flags
from builders.params.roles import Role

_GPU = re.compile(r"\d+|(GPU|MIG)-[\w-]+")


def command(name: str, role: Role, port: int) -> list[str]:
    """Return the command that serves a role's model on a port of the loopback.

    Raises:
        BuildError: params do not name the model, or the environment says something that we cannot do.
    """
    if role.model is None:
        what = f"model of the role {name} is null, and a vLLM of our own serves what it is told to"
        raise BuildError(what, where="teacher: vllm", fix="name the model in the family's params.yaml")
    options = flags.of_speed(name)
    if (visible := _gpus()) and not any(flag.partition("=")[0].removeprefix("--") in flags.PARALLEL for flag in options):
        options.insert(0, f"--tensor-parallel-size={len(visible)}")
    # The module, not `vllm serve`, which does not start where the wheel was rebuilt under another name.
    return [
        *(_python(), "-m", "vllm.entrypoints.openai.api_server", "--host=127.0.0.1", f"--port={port}"),
        *(f"--model={role.model}", f"--served-model-name={role.model}"),
        *([f"--revision={role.revision}"] if role.revision else []),
        *("--enable-prefix-caching", "--disable-uvicorn-access-log"),
        *options,
        *(word for flag, value in (role.engine or {}).items() for word in flags.flag_words(flag, value)),
    ]


def _gpus() -> list[str]:
    text = os.environ.get("BUILDERS_GPUS", "")
    gpus = [gpu.strip() for gpu in text.split(",")] if text else []
    if len(set(gpus)) < len(gpus) or not all(_GPU.fullmatch(gpu) for gpu in gpus):
        raise BuildError("not a list of GPUs", where="BUILDERS_GPUS", fix="write their numbers, such as 0,1")
    return gpus


def _python() -> str:
    interpreter = os.environ.get("BUILDERS_VLLM_PYTHON") or sys.executable
    if not (found := shutil.which(interpreter)):
        raise BuildError("no such program", where="BUILDERS_VLLM_PYTHON", fix="name the python of an environment that has vLLM")
    return str(Path(found).absolute())  # not resolved: a link is what makes it the python of its environment


def environment(python: str) -> dict[str, str]:
    """Return our environment without keys and without what quietens its progress, which goes to the log.

    Args:
        python: the interpreter that has vLLM.
    """
    quiet = {"TQDM_DISABLE", "HF_HUB_DISABLE_PROGRESS_BARS"}
    kept = {name: value for name, value in os.environ.items() if not name.endswith("_API_KEY") and name not in quiet}
    seen = {"CUDA_VISIBLE_DEVICES": ",".join(gpus)} if (gpus := _gpus()) else {}
    path = os.pathsep.join([str(Path(python).parent), os.environ.get("PATH", os.defpath)])  # it compiles with tools from there
    return {**kept, **seen, "PATH": path, "VLLM_NO_USAGE_STATS": "1"}
