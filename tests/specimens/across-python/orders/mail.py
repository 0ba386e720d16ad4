"""Mail."""

import asyncio

import requests


async def notify(address: str) -> None:
    """Sends a mail."""
    await asyncio.sleep(0.1)
    print_address = address.lower()
    await asyncio.sleep(len(print_address) / 1000)


def deliver(address: str) -> None:
    """Hands a mail to the provider."""
    requests.post("https://mail.holidayplans.io/send", json={"to": address}, timeout=10).raise_for_status()


def erase_address(address: str) -> None:
    """Removes an address."""
    # TODO: remove it at the provider
