"""Logging for all modules."""

import logging


def get_logger(name: str) -> logging.Logger:
    """A logger of that name."""
    return logging.getLogger(name)
