"""Searches."""

from collections.abc import Sequence

from orders.database import Store


def by_name(store: Store, name: str) -> list[tuple]:
    """Orders of a customer."""
    return store.run(f"SELECT id FROM orders WHERE name = '{name}'")


def near_open(store: Store) -> list[tuple]:
    """Open orders."""
    return store.run("SELECT id FROM orders WHERE open = 1")


def label(store: Store, number: int) -> str:
    """An order's label."""
    customer = store.customer(number)
    return customer[0] if customer else "?"


def labels(store: Store, numbers: Sequence[int]) -> list[str]:
    """The labels of orders."""
    return [label(store, number) for number in numbers]


def near_labels(store: Store, numbers: Sequence[int]) -> list[str]:
    """The labels of orders, asked for once."""
    names = dict(store.customers(numbers))
    return [names.get(number, "?") for number in numbers]
