"""params: the whole section of the active profile, as the stages are told it: anchors and defaults resolved.

Changes no byte of a row.
"""

import sys
from typing import Any

import yaml

from builders.params import loading


def run(family: str) -> None:
    """Print the project's choices and a family's active profile as YAML, each stage with every key.

    Args:
        family: name of the family.

    Raises:
        BuildError: there is no such family, or its params are wrong.
    """
    params = loading.load(family)
    shown: dict[str, Any] = {
        "profile": params.project.profile,
        "teacher": params.project.teacher,
        family: {stage: section.model_dump(mode="json") for stage, section in params._asdict().items() if stage != "project"},
    }
    yaml.safe_dump(shown, sys.stdout, sort_keys=False, allow_unicode=True, width=130)
