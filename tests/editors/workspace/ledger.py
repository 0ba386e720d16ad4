"""The ledger, which orders are written to."""

import time


def record(entry: str) -> str:
    return f"{time.time()} {entry}"
