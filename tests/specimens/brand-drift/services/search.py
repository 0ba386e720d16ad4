"""Looks domains and answers up."""

from services.database import get_db_connection


def run_query(sql: str) -> list[tuple]:
    """The rows of a query."""
    connection = get_db_connection()
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchmany(100)
    finally:
        connection.close()


def find_domains(name: str) -> list[tuple]:
    """Domains whose name begins so."""
    return run_query(f"SELECT domain, score FROM public_domain_cache WHERE domain LIKE '{name}%'")


def recent_answers(domain: str) -> list[tuple]:
    """The latest answers about a domain."""
    connection = get_db_connection()
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT answer FROM answers WHERE domain = '%s' LIMIT 20" % domain)
            return cursor.fetchall()
    finally:
        connection.close()


def keep_feedback(comment: str) -> None:
    """Keeps what a reader says."""
    connection = get_db_connection()
    try:
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO feedback (comment) VALUES (%s)", (comment,))
        connection.commit()
    finally:
        connection.close()
