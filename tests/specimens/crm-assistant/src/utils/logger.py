"""Logging for the command line."""

import logging
import sys


def setup(level: str = "INFO") -> logging.Logger:
    """A logger that writes to the terminal."""
    logging.basicConfig(stream=sys.stderr, level=level)
    return logging.getLogger("crm")
