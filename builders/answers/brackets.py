"""What stands outside all brackets of a text, whatever kinds of brackets open and close."""

import re


def outside(text: str, pattern: re.Pattern[str]) -> list[re.Match[str]]:
    """Return the matches of a pattern outside all brackets."""
    depth, depths = 0, []
    for character in text:
        depth -= character in ")]}⟩"
        depths.append(depth)
        depth += character in "([{⟨"
    return [match for match in pattern.finditer(text) if not any(depths[match.start() : match.end()])]


def split(text: str, pattern: re.Pattern[str]) -> list[str]:
    """Return the parts of a text between those matches, without blanks at their ends; empty ones are left out."""
    parts, place = [], 0
    for match in outside(text, pattern):
        parts.append(text[place : match.start()].strip())
        place = match.end()
    parts.append(text[place:].strip())
    return [part for part in parts if part]


def closing(text: str) -> int:
    """Return where the bracket closes that a text begins with, whatever kind closes it; -1 if none does."""
    depth = 0
    for place, character in enumerate(text):
        depth += (character in "([{⟨") - (character in ")]}⟩")
        if depth == 0:
            return place
    return -1
