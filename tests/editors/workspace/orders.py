"""Orders, as they are placed."""

import ledger


async def place(order: str) -> str:
    return ledger.record(order)
