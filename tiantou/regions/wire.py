"""The division as it stands in answers of every module."""

from pydantic import BaseModel, ConfigDict


class Division(BaseModel):
    """A place: `full_name` from the province down; `in832` marks a formerly listed county."""

    model_config = ConfigDict(from_attributes=True)

    code: str
    name: str
    full_name: str
    in832: bool
