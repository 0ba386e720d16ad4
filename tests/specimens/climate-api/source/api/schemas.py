"""What the API takes."""

from pydantic import BaseModel


class PredictionRequest(BaseModel):
    """Measurements of one place."""

    model: str
    values: list[float]


class BatchRequest(BaseModel):
    """Measurements of many places."""

    model: str
    rows: list[list[float]]
