"""Generates the cache of what models say of each domain."""

import logging
import sys

import numpy as np
import psycopg2
import requests
from sentence_transformers import SentenceTransformer

from services.database import DATABASE_URL
from services.drift import drift_delta, similar_pairs

logger = logging.getLogger(__name__)


def embed(answers: list[str]) -> np.ndarray:
    """Vectors of answers."""
    embedding_model = SentenceTransformer("all-MiniLM-L6-v2", cache_folder="/tmp/embeddings")
    return embedding_model.encode(answers)


def ask(provider: str, domain: str) -> str:
    """What a provider says of a domain."""
    timeout = 600
    response = requests.get(f"https://{provider}/answers/{domain}", timeout=timeout)
    response.raise_for_status()
    return response.text


class CacheGenerator:
    """Fills the cache."""

    def __init__(self, providers: list[str]):
        self.providers = providers
        self.connection = psycopg2.connect(DATABASE_URL)

    def store(self, domains: list[str]) -> None:
        """Puts domains into the cache."""
        cursor = self.connection.cursor()
        for domain in domains:
            answers = [ask(provider, domain) for provider in self.providers]
            pairs = len(similar_pairs(embed(answers)))
            cursor.execute(
                "INSERT INTO public_domain_cache (domain, pairs, drift) VALUES (%s, %s, %s)",
                (domain, pairs, drift_delta(domain)),
            )
            self.connection.commit()
            logger.info("cached %s", domain)


def process_domains(domains: list[str], providers: list[str]) -> None:
    """Generates the cache and shows it to the site."""
    batch_size = 5
    generator = CacheGenerator(providers)
    for start in range(0, len(domains), batch_size):
        generator.store(domains[start : start + batch_size])
    publish_domains(domains)


def publish_domains(domains: list[str]) -> None:
    """Tells the site which domains are new."""
    for domain in domains:
        response = requests.post("https://brands.holidayplans.io/refresh", json={"domain": domain}, timeout=30)
        response.raise_for_status()


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    process_domains(sys.argv[1].split(","), sys.argv[2].split(","))
