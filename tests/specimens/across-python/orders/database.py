"""The database."""

import os
import sqlite3
from collections.abc import Sequence

import psycopg2


def connect() -> psycopg2.extensions.connection:
    """A new connection."""
    return psycopg2.connect(os.environ["DATABASE_URL"], connect_timeout=5)


class Store:
    """The orders of the shop."""

    def __init__(self, connection: sqlite3.Connection):
        self.connection = connection

    def run(self, sql: str) -> list[tuple]:
        """The rows of a query."""
        return self.connection.execute(sql).fetchmany(50)

    def customer(self, number: int) -> tuple | None:
        """Who ordered."""
        return self.connection.execute("SELECT name FROM customers WHERE id = ?", (number,)).fetchone()

    def customers(self, numbers: Sequence[int]) -> list[tuple]:
        """Who ordered, many at once."""
        marks = ", ".join("?" for _ in numbers)
        return self.connection.execute(f"SELECT id, name FROM customers WHERE id IN ({marks})", list(numbers)).fetchall()

    def add_order(self, number: int) -> None:
        """Adds an order."""
        self.connection.execute("INSERT INTO orders (id) VALUES (?)", (number,))


def rename(connection: sqlite3.Connection, number: int, name: str) -> None:
    """Gives a customer a name."""
    connection.execute("UPDATE customers SET name = ? WHERE id = ?", (name, number))
