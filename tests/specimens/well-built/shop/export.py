"""Writes orders to a file, on the command line."""

import argparse
import asyncio
import csv
from pathlib import Path

import asyncpg

from shop.settings import settings


async def export(target: Path) -> int:
    """Writes all orders, as they stream, and gives their number."""
    written = 0
    connection = await asyncpg.connect(str(settings().database_url), timeout=5, command_timeout=60)
    try:
        with target.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            async with connection.transaction():
                async for row in connection.cursor("SELECT id, item, price FROM orders"):
                    writer.writerow([row["id"], row["item"], row["price"]])
                    written += 1
    finally:
        await connection.close()
    return written


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Writes orders to a file.")
    parser.add_argument("target", type=Path)
    arguments = parser.parse_args()
    print(f"{asyncio.run(export(arguments.target))} orders")


if __name__ == "__main__":
    main()
