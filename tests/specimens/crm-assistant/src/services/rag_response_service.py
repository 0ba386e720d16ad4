"""Writes the helpdesk's answers."""

import logging

from openai import OpenAI

from config import settings

logger = logging.getLogger(__name__)

client = OpenAI(api_key=settings.load().openai_api_key, timeout=15, max_retries=0)


def answer(question: str, passages: list[str]) -> str:
    """An answer from the passages."""
    completion = client.chat.completions.create(
        model="gpt-4o-mini",
        messages=[
            {"role": "system", "content": "Answer from the passages only."},
            {"role": "user", "content": "\n".join([*passages, question])},
        ],
    )
    return completion.choices[0].message.content
