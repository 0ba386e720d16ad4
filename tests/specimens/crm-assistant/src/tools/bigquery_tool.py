"""Reports from the warehouse."""

from google.cloud import bigquery

warehouse = bigquery.Client()


def revenue(tenant_id: str) -> list[dict[str, object]]:
    """Revenue of a tenant by month."""
    config = bigquery.QueryJobConfig(
        query_parameters=[bigquery.ScalarQueryParameter("tenant", "STRING", tenant_id)]
    )
    job = warehouse.query(
        "SELECT month, SUM(total) AS total FROM crm.revenue WHERE tenant = @tenant GROUP BY month LIMIT 120",
        job_config=config,
        timeout=30,
    )
    return [dict(row) for row in job.result(timeout=30)]
