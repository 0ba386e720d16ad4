"""Orders in the database."""

from collections.abc import Sequence

import asyncpg

from shop.models import NewOrder, Order


async def record_audit_event(connection: asyncpg.Connection, customer: int, action: str) -> None:
    """Writes down what was done, in the transaction that does it."""
    await connection.execute(
        "INSERT INTO audit_log (customer_id, action) VALUES ($1, $2)", customer, action, timeout=5
    )


class Orders:
    """The table of orders."""

    def __init__(self, pool: asyncpg.Pool):
        self.pool = pool

    async def page(self, customer: int, after: int, size: int) -> list[Order]:
        """Orders of a customer, a page of them."""
        rows = await self.pool.fetch(
            "SELECT id, item, price FROM orders WHERE customer_id = $1 AND id > $2 ORDER BY id LIMIT $3",
            customer,
            after,
            size,
            timeout=5,
        )
        return [Order(id=row["id"], item=row["item"], price=row["price"]) for row in rows]

    async def place(self, customer: int, orders: Sequence[NewOrder]) -> int:
        """Places orders, all or none."""
        async with self.pool.acquire() as connection, connection.transaction():
            await connection.executemany(
                "INSERT INTO orders (customer_id, item, price) VALUES ($1, $2, $3)",
                [(customer, order.item, order.price) for order in orders],
                timeout=5,
            )
            await record_audit_event(connection, customer, "placed")
            return await connection.fetchval(
                "SELECT count(*) FROM orders WHERE customer_id = $1", customer, timeout=5
            )

    async def items(self, ids: Sequence[int]) -> dict[int, str]:
        """What was ordered, for many orders at once."""
        rows = await self.pool.fetch("SELECT id, item FROM orders WHERE id = ANY($1)", list(ids), timeout=5)
        return {row["id"]: row["item"] for row in rows}

    async def forget(self, customer: int) -> None:
        """Removes all orders of a customer."""
        async with self.pool.acquire() as connection, connection.transaction():
            await connection.execute("DELETE FROM orders WHERE customer_id = $1", customer, timeout=5)
            await record_audit_event(connection, customer, "forgotten")
