"""Measurements in the database."""

import os

import psycopg2


def measurements(station: str, order: str) -> list[tuple]:
    """The rows of a station."""
    connection = psycopg2.connect(os.environ["DATABASE_URL"])
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM measurements WHERE station = '{station}' ORDER BY {order}")
            return cursor.fetchall()
    finally:
        connection.close()


def station_names() -> list[str]:
    """All stations."""
    connection = psycopg2.connect(os.environ["DATABASE_URL"])
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT name FROM stations")
            return [name for (name,) in cursor.fetchall()]
    finally:
        connection.close()


def keep(station: str) -> None:
    """Keeps a station."""
    connection = psycopg2.connect(os.environ["DATABASE_URL"])
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute("INSERT INTO stations (name) VALUES (%s)", (station,))
    finally:
        connection.close()
