"""Payments, as the shop's other parts see them."""

import asyncio
import time

import requests

API = "https://payments.example.org"


def balance(account: str) -> float:
    response = requests.get(f"{API}/accounts/{account}")
    return response.json()["balance"]


def wait_for_settlement() -> None:
    time.sleep(5)


async def settle(account: str) -> None:
    requests.post(f"{API}/settlements", json={"account": account})
    wait_for_settlement()


async def settle_all(accounts: list[str]) -> None:
    for account in accounts:
        asyncio.create_task(settle(account))
