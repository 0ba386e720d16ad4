"""Prices, from clients that another file makes."""

from orders.clients import assistant, billing, patient, stock


def price(item: str) -> str:
    """What an item costs."""
    return billing.post(f"/prices/{item}").raise_for_status().text


def near_left(item: str) -> str:
    """How many are left."""
    return stock.post(f"/items/{item}").raise_for_status().text


def describe(item: str) -> str | None:
    """A text about an item."""
    completion = assistant.chat.completions.create(
        model="gpt-4o", messages=[{"role": "user", "content": item}]
    )
    return completion.choices[0].message.content


def near_describe(item: str) -> str | None:
    """A text about an item."""
    completion = patient.chat.completions.create(
        model="gpt-4o", messages=[{"role": "user", "content": item}]
    )
    return completion.choices[0].message.content if completion.choices else None
