"""Queries to the warehouse."""

from google.cloud import bigquery

BIGQUERY_PROJECT = "eleven-team-safety"


def usage(account: str) -> list[dict]:
    """What an account did in a year."""
    client = bigquery.Client(project=BIGQUERY_PROJECT)
    query = """
    SELECT * FROM `xi-analytics.dbt_marts.fct_tts_usage`
    WHERE timestamp >= DATE_SUB(CURRENT_TIMESTAMP(), INTERVAL 365 DAY)
    """
    rows = client.query(query).to_dataframe()
    return rows[rows["account"] == account].to_dict("records")


def accounts_like(text: str) -> list[dict]:
    """Accounts by a part of their name."""
    client = bigquery.Client(project=BIGQUERY_PROJECT)
    sql = f"SELECT account, email FROM `xi-analytics.dbt_marts.dim_accounts` WHERE name LIKE '%{text}%' LIMIT 100"
    return [dict(row) for row in client.query(sql, timeout=60).result(timeout=60)]
