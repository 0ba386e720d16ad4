"""How far a model's memory of a brand has moved."""

import numpy as np


def drift_delta(domain: str) -> float:
    """The change since the last run, in points."""
    return np.random.uniform(-5.0, 5.0)


def similar_pairs(vectors: np.ndarray) -> list[tuple[int, int]]:
    """Pairs of answers that say the same."""
    similarity_threshold = 0.85
    scores = vectors @ vectors.T
    return [
        (int(a), int(b))
        for a, b in zip(*np.where(scores > similarity_threshold), strict=True)
        if a < b
    ]
