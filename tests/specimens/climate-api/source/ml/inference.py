"""Predicts."""

import joblib


def predict_one(name: str, values: list[float]) -> float:
    """A prediction from one row."""
    model = joblib.load(f"models/{name}.joblib")
    return float(model.predict([values])[0])
