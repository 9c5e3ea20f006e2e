"""Sentences that share few words with each other, so that no rule finds them alike."""

import random


def _listed(text: str) -> list[str]:
    return text.split()


_THINGS = _listed("""
    ladder kettle lantern bucket basket saddle piano violin drum mirror curtain carpet pillow bottle candle button needle
    scissors hammer anchor compass feather pebble acorn walnut turnip pumpkin cherry lemon pepper ginger honey butter cheese
""")
_PLACES = _listed("""
    harbour station market library museum bakery chapel castle tunnel bridge meadow orchard forest valley island beach desert
    glacier canyon village
""")


def sentence(seed: object) -> str:
    """Return a sentence that shares few words with that of another seed."""
    draw = random.Random(str(seed))  # noqa: S311
    things, places = draw.sample(_THINGS, 4), draw.sample(_PLACES, 2)
    way = f"from the {places[0]} to the {places[1]}"
    return f"the {things[0]} beside the {things[1]} went {way} under a {things[2]} and a {things[3]}"
