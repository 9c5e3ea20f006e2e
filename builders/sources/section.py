"""What every part of a params file is.

Changes no byte of a row.
"""

from pydantic import (
    BaseModel,
    ConfigDict,
)


class Section(BaseModel):
    """A part of a params file: immutable, no unknown keys, no silent conversion of types."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)
