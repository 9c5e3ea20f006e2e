"""What vLLM says of its load, on the page that it has for Prometheus.

Changes no byte of a row.
"""

from prometheus_client.parser import text_string_to_metric_families

from builders.teachers.pace import Load


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
