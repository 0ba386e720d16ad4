"""Clients and their quotes."""

import logging
import sqlite3

import requests
from sentence_transformers import SentenceTransformer

logger = logging.getLogger(__name__)


class Crm:
    def __init__(self, connection: sqlite3.Connection):
        self.connection = connection

    def quotes(self, client):
        return self.connection.execute("SELECT * FROM quotes WHERE client = ?", (client,))

    def search(self, clients):
        return {client: self.quotes(client).fetchall() for client in clients}


def suspend(tenant):
    try:
        requests.post("https://billing.example.com/suspend", json={"tenant": tenant})
    except Exception as error:
        print(f"Error: {error}")
    return {"tenant": tenant}


def similar(texts):
    model = SentenceTransformer("all-MiniLM-L6-v2")
    return model.encode(texts)


def churn_score(client):
    import random

    return round(random.uniform(0, 100), 1)


def parse(body):
    try:
        return float(body["amount"])
    except:
        return None
