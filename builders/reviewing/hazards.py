"""Rows of a family with hazard leave this checkout only if somebody says yes to it."""

from builders import hazards
from builders.errors import BuildError


def check(family: str, *, accept_hazard: bool) -> None:
    """See that somebody says yes.

    Raises:
        BuildError: nobody does.
    """
    hazard = hazards.level(family)
    if hazard != "none" and not accept_hazard:
        fix = "add --accept-hazard if everyone who can see the round may see such rows"
        raise BuildError(f"its rows hold hazards ({hazard})", where=family, fix=fix)
