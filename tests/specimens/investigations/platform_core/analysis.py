"""Looks at rows."""

import requests


def latest(rows: list[dict]) -> dict | None:
    """The newest row."""
    return max(rows, key=lambda row: row["timestamp"], default=None)


def analyze_data(case_id: str) -> str:
    """When a case began."""
    response = requests.get(f"https://cases.holidayplans.io/{case_id}")
    response.raise_for_status()
    data = response.json()
    return data["timestamp"]
