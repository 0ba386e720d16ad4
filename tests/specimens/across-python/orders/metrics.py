"""Numbers."""

import random


def draw() -> float:
    """A number between 0 and 100."""
    return random.uniform(0, 100)
