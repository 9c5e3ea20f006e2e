"""What vLLM says of its load, on the page that it has for Prometheus.

Changes no byte of a row.
"""

import asyncio
from collections.abc import Awaitable, Callable

from prometheus_client.parser import text_string_to_metric_families

from builders.teachers.pace import Load, Pace

METRICS_SECONDS = 1.0
_OK = 200


async def watch(get: Callable[[str], Awaitable[tuple[int, bytes]]], pace: Pace) -> None:
    """Read vLLM's metrics every so often, if it is vLLM.

    Args:
        get: returns status and body of a page of the server.
        pace: is told the load; None while the page cannot be had.
    """
    while True:
        try:
            status, page = await get("/metrics")
            if status != _OK or b"vllm:" not in page:
                return
            pace.load = load(page.decode(errors="replace"))
        except OSError:
            pace.load = None
        await asyncio.sleep(METRICS_SECONDS)


def load(page: str) -> Load | None:
    """Read vLLM's load from its metrics page; None if it does not say how much is running."""
    found: dict[str, float] = {}
    try:
        for family in text_string_to_metric_families(page):
            for sample in family.samples:
                if sample.name.startswith("vllm:"):
                    name = sample.name.removeprefix("vllm:").removesuffix("_total")
                    found[name] = found.get(name, 0.0) + sample.value
    except ValueError:
        return None
    if "num_requests_running" not in found:
        return None
    cache = found.get("kv_cache_usage_perc", found.get("gpu_cache_usage_perc", 0.0))
    asked = found.get("prefix_cache_queries", 0.0)
    hits = found.get("prefix_cache_hits", 0.0) / asked if asked else None
    return Load(found["num_requests_running"], found.get("num_requests_waiting", 0.0), cache, hits)
