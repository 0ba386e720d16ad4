"""Clients of other services."""

import httpx
import requests
from openai import OpenAI

billing = httpx.Client(base_url="https://billing.holidayplans.io", timeout=None)
stock = httpx.Client(base_url="https://stock.holidayplans.io", timeout=5)
assistant = OpenAI(max_retries=0, timeout=20)
patient = OpenAI(max_retries=4, timeout=20)


def warm_up() -> None:
    """Fetches the catalogue; blocks."""
    requests.get("https://stock.holidayplans.io/catalogue", timeout=30).raise_for_status()
