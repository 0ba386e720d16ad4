"""Finds the passages that answer a question."""

import logging
from pathlib import Path

import faiss
import numpy as np
from fastapi import HTTPException
from google.cloud import storage
from sentence_transformers import SentenceTransformer

from config import settings

logger = logging.getLogger(__name__)

INDEX = Path("/var/lib/crm/helpdesk.index")

_settings = settings.load()
_bucket = storage.Client().bucket(_settings.index_bucket)
_encoder = SentenceTransformer("all-MiniLM-L6-v2")


class FaissHelpdeskService:
    """The index of the helpdesk's documents."""

    _instance = None

    def __init__(self, index: faiss.Index):
        self.index = index

    @classmethod
    def get_instance(cls) -> "FaissHelpdeskService":
        """The one index of this process."""
        if cls._instance is None:
            cls._instance = cls(cls.fetch_index())
        return cls._instance

    @staticmethod
    def fetch_index() -> faiss.Index:
        """The index, from the bucket when the disk has none."""
        if not INDEX.exists():
            _bucket.blob("helpdesk.index").download_to_filename(str(INDEX), timeout=60, retry=None)
        return faiss.read_index(str(INDEX))

    def search(self, passages: list[str], question: str) -> list[str]:
        """The best passages, each unlike the others."""
        if not passages:
            raise HTTPException(status_code=404, detail="no documents")
        query = _encoder.encode(question)
        vectors = []
        for passage in passages:
            vectors.append(_encoder.encode(passage))
        return self.diversify(passages, vectors, query)

    def diversify(self, passages: list[str], vectors: list[np.ndarray], query: np.ndarray) -> list[str]:
        """Maximal marginal relevance."""
        chosen: list[int] = []
        ranked = sorted(range(len(passages)), key=lambda n: -float(vectors[n] @ query))
        for candidate in ranked:
            if candidate not in chosen:
                chosen.append(candidate)
        return [passages[n] for n in chosen]
