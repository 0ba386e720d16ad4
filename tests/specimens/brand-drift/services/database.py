"""The database of the services."""

import os

import psycopg2

DATABASE_URL = os.environ["DATABASE_URL"]


def get_db_connection() -> psycopg2.extensions.connection:
    """A connection to the database."""
    return psycopg2.connect(DATABASE_URL)
