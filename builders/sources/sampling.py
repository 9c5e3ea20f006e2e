"""How many rows each value of a column gives to a sample."""


def shares(counts: dict[str, int], total: int) -> dict[str, int]:
    """Divide a total evenly among values, none of which gives more rows than it has."""
    found = {}
    for done, (of, count) in enumerate(sorted(counts.items(), key=lambda item: (item[1], item[0]))):
        found[of] = min(count, total // (len(counts) - done))
        total -= found[of]
    return found
