"""What all parts of a recipe have in common."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Strict(BaseModel):
    """Unknown keys are errors; values are not coerced beyond what YAML and `--set` need."""

    model_config = ConfigDict(extra="forbid", validate_default=True)
