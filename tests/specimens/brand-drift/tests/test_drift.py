import numpy as np

from services.drift import similar_pairs


def test_equal_answers_are_a_pair():
    assert similar_pairs(np.array([[1.0, 0.0], [1.0, 0.0]])) == [(0, 1)]
