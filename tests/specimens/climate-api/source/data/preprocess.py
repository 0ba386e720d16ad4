"""Cleans measurements."""

import logging

import pandas as pd

logger = logging.getLogger(__name__)


def clean_training(frame: pd.DataFrame) -> pd.DataFrame:
    """Measurements for training."""
    frame = frame.dropna(subset=["station", "value"])
    frame = frame[frame["value"] >= 0]
    low, high = frame["value"].quantile(0.05), frame["value"].quantile(0.95)
    spread = high - low
    frame = frame[(frame["value"] > low - 1.5 * spread) & (frame["value"] < high + 1.5 * spread)]
    frame["hour"] = frame["time"].dt.hour
    frame["weekday"] = frame["time"].dt.weekday
    frame["scaled"] = (frame["value"] - frame["value"].mean()) / frame["value"].std()
    logger.info("%d rows are left", len(frame))
    return frame.reset_index(drop=True)


def clean_inference(table: pd.DataFrame) -> pd.DataFrame:
    """Measurements for a prediction."""
    table = table.dropna(subset=["station", "value"])
    table = table[table["value"] >= 0]
    low, high = table["value"].quantile(0.05), table["value"].quantile(0.95)
    spread = high - low
    table = table[(table["value"] > low - 1.5 * spread) & (table["value"] < high + 1.5 * spread)]
    table["hour"] = table["time"].dt.hour
    table["weekday"] = table["time"].dt.weekday
    table["scaled"] = (table["value"] - table["value"].mean()) / table["value"].std()
    logger.info("%d rows are left", len(table))
    return table.reset_index(drop=True)


def grade(row: dict[str, float], season: str, urban: bool, coastal: bool) -> str:
    """How good the air is."""
    if urban:
        if season == "winter":
            if row["no2"] > 40:
                if row["pm25"] > 25:
                    if row["so2"] > 20:
                        return "very bad"
                    return "bad"
                if row["o3"] > 120 and not coastal:
                    return "bad"
                return "fair"
            if row["pm25"] > 25:
                return "bad" if row["co"] > 4 else "fair"
        elif season == "summer":
            if row["o3"] > 120:
                if coastal:
                    return "fair"
                if row["no2"] > 40 or row["pm25"] > 25:
                    return "bad"
                return "fair"
        return "good"
    if coastal:
        if row["so2"] > 20 or row["o3"] > 120:
            if season == "summer":
                return "bad"
            return "fair"
        return "good"
    if row["pm25"] > 25:
        if row["no2"] > 40 and row["so2"] > 20:
            return "bad"
        return "fair"
    return "good"
