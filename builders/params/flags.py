"""The flags of vLLM (those of 0.32) that may be chosen: in params if they change replies, in the environment if only speed.

A flag that is in neither list is refused in both places: nobody has said yet what it changes.

Changes no byte of a row.
"""

import difflib
import json
import os
import shlex

from pydantic import JsonValue

from builders.errors import BuildError

VARIABLE = "BUILDERS_VLLM_ARGS"

_REPLIES = """
    additional-config chat-template chat-template-content-format code-revision config-format default-chat-template-kwargs
    disable-sliding-window dtype enable-auto-tool-choice enable-lora exclude-tools-when-tool-choice-none generation-config
    hf-config-path hf-overrides interleave-mm-strings kv-cache-dtype kv-cache-dtype-skip-layers language-model-only
    limit-mm-per-prompt load-format logits-processors logprobs-mode lora-dtype lora-modules mamba-cache-dtype
    mamba-ssm-cache-dtype max-logprobs max-lora-rank max-loras max-model-len media-io-kwargs mm-processor-kwargs model-impl
    override-generation-config quantization quantization-config reasoning-config reasoning-parser response-role
    return-tokens-as-token-ids seed speculative-config structured-outputs-config tokenizer tokenizer-mode tokenizer-revision
    tool-call-parser trust-remote-code use-fp64-gumbel video-pruning-method video-pruning-rate
"""
_PARALLEL = """
    data-parallel-size decode-context-parallel-size pipeline-parallel-size prefill-context-parallel-size tensor-parallel-size
"""
_VALUED = """
    all2all-backend attention-backend block-size compilation-config cpu-offload-gb dbo-decode-token-threshold
    dbo-prefill-token-threshold disable-access-log-for-endpoints distributed-executor-backend distributed-timeout-seconds
    eplb-config expert-placement-strategy gpu-memory-utilization kv-cache-memory-bytes kv-offloading-backend
    kv-offloading-size linear-backend long-prefill-token-threshold max-cudagraph-capture-size max-num-batched-tokens
    max-num-seqs max-parallel-loading-workers mm-encoder-tp-mode mm-processor-cache-gb mm-processor-cache-type
    mm-shm-cache-max-object-size-mb model-loader-extra-config moe-backend num-gpu-blocks-override offload-backend
    offload-group-size offload-num-in-group offload-prefetch-step optimization-level performance-mode
    prefix-caching-hash-algo renderer-num-workers safetensors-load-strategy safetensors-prefetch-block-size
    safetensors-prefetch-num-threads scheduling-policy stream-interval uvicorn-log-level
"""
# Not api-server-count: run as a module, as we run it, vLLM has one API server whatever the flag says.
_SWITCHES = """
    async-scheduling disable-chunked-mm-input disable-custom-all-reduce disable-hybrid-kv-cache-manager disable-log-stats
    disable-uvicorn-access-log enable-chunked-prefill enable-dbo enable-eplb enable-expert-parallel
    enable-flashinfer-autotune enable-prefix-caching enforce-eager numa-bind skip-mm-profiling use-tqdm-on-load
"""

PARALLEL = frozenset(_PARALLEL.split())
"""They say how many GPUs share the work."""
SHARING = ("tensor-parallel-size", "pipeline-parallel-size", "prefill-context-parallel-size")
"""They say how many GPUs one replica of a model needs: their product."""
REPLICATING = "data-parallel-size"
"""It says how many replicas vLLM makes itself."""
OF_REPLIES = frozenset(_REPLIES.split())
OF_SPEED = frozenset(_VALUED.split()) | PARALLEL
SWITCHED = frozenset(_SWITCHES.split())
_SHORT = {
    "-tp": "tensor-parallel-size",
    "-pp": "pipeline-parallel-size",
    "-dp": "data-parallel-size",
    "-ep": "enable-expert-parallel",
}
_OURS = {"host", "port", "model", "revision", "served-model-name", "api-key", "uds"}


def checked(flags: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """Return the flags that are in params.

    Raises:
        ValueError: one is not known to change replies, or does not say what it is set to.
    """
    for flag, value in flags.items():
        if flag not in OF_REPLIES:
            close = difflib.get_close_matches(flag.replace("_", "-"), OF_REPLIES, n=1)
            hint = f"did you mean {close[0]}?" if close else f"flags of speed go to {VARIABLE}"
            message = f"{flag} is not a flag of vLLM known to change replies; {hint}"
            raise ValueError(message)
        if value is None:
            message = f"{flag} has no value; leave it out for vLLM's default"
            raise ValueError(message)
        if flag == "chat-template" and "{" not in str(value):
            message = "chat-template is not a template; write out what its file says, for the name stays when the file changes"
            raise ValueError(message)
    return flags


def flag_words(flag: str, value: JsonValue) -> list[str]:
    """Return a flag that is in params as words of a command line."""
    if isinstance(value, bool):
        return [f"--{flag}" if value else f"--no-{flag}"]
    if isinstance(value, list):
        return [f"--{flag}", *(word if isinstance(word, str) else json.dumps(word) for word in value)]
    return [f"--{flag}={json.dumps(value) if isinstance(value, dict) else value}"]


def of_speed(role: str) -> list[str]:
    """Return the flags in `BUILDERS_VLLM_ARGS`, each as one word with its value.

    Args:
        role: the role that they are for, where one of them belongs to its params.

    Raises:
        BuildError: one is not known to change speed only, or has no value.
    """
    try:
        words = shlex.split(os.environ.get(VARIABLE, ""))
    except ValueError as error:
        raise _refused(f"cannot be split into words ({error})", "close the quotation") from None
    flags = []
    while words:
        word, given, value = words.pop(0).partition("=")
        name, dot, inner = word.removeprefix("--").partition(".")
        flag = _SHORT.get(word, name.replace("_", "-") if word.startswith("--") else "")
        if flag.removeprefix("no-") in SWITCHED and not (given or dot):
            flags.append(f"--{flag}")
        elif flag not in OF_SPEED:
            raise _unfit(word, flag.removeprefix("no-"), role)
        elif not given and not words:
            raise _refused(f"{word} has no value", "write one behind it")
        else:
            flags.append(f"--{flag}{dot}{inner}={value if given else words.pop(0)}")
    return flags


def _unfit(word: str, flag: str, role: str) -> BuildError:
    if flag in OF_REPLIES:
        return _refused(f"--{flag} changes replies", f"move it to engine under the role {role} in the family's params.yaml")
    if flag in _OURS:
        return _refused(
            f"--{flag} is not chosen here", "name model and revision under the role in params, leave the rest to us"
        )
    return _refused(
        f"{word} is not a flag of vLLM known to change speed only", "leave it out, or write it in full if you cut it short"
    )


def _refused(what: str, fix: str) -> BuildError:
    return BuildError(what, where=VARIABLE, fix=fix)
