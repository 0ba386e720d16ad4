"""Vectors of texts."""

from functools import cache

from sentence_transformers import SentenceTransformer


def encoder() -> SentenceTransformer:
    """The model."""
    return SentenceTransformer("all-MiniLM-L6-v2")


@cache
def near_encoder() -> SentenceTransformer:
    """The model, loaded once."""
    return SentenceTransformer("all-MiniLM-L6-v2")


def vector(model: SentenceTransformer, text: str) -> list[float]:
    """The vector of a text."""
    return model.encode(text).tolist()
