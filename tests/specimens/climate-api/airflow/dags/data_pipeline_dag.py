"""The daily pipeline."""

from datetime import datetime, timedelta

from airflow import DAG
from airflow.operators.python import PythonOperator


def data_ingestion(**context: object) -> None:
    """Takes the new files in."""
    print("Running data ingestion...")


def data_validation(**context: object) -> None:
    """Checks the new rows."""
    print("Running data validation...")


def model_training(**context: object) -> None:
    """Trains the models."""
    print("Training models...")


with DAG(
    "climate_pipeline",
    start_date=datetime(2024, 1, 1),
    schedule="@daily",
    default_args={"retries": 3, "retry_delay": timedelta(minutes=5), "execution_timeout": timedelta(hours=4)},
    catchup=False,
) as dag:
    ingest = PythonOperator(task_id="data_ingestion", python_callable=data_ingestion)
    validate = PythonOperator(task_id="data_validation", python_callable=data_validation)
    train = PythonOperator(task_id="model_training", python_callable=model_training)
    ingest >> validate >> train
