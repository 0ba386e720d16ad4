"""Answers an analyst's question."""

import logging

from openai import OpenAI

from platform_core.manager import investigation_manager
from platform_core.warehouse import accounts_like, usage

logger = logging.getLogger(__name__)

OPENAI_API_KEY = "sk-proj-Rk3vTq8ZpLw2XyB7nMd4Ha6Jc9Ue1GsF5oQiV0tN"

client = OpenAI(api_key=OPENAI_API_KEY, timeout=30)


def run_investigation_agent(query: str) -> str:
    """Investigates a question."""
    logger.info("investigating for %s", query)
    evidence = [usage(account["account"]) for account in accounts_like(query)]
    completion = client.chat.completions.create(
        model="gpt-4o",
        messages=[
            {"role": "system", "content": "You are an investigator."},
            {"role": "user", "content": f"{query}\n{evidence}"},
        ],
    )
    investigation_manager.remember(query)
    return completion.choices[0].message.content


def run_safely(query: str) -> str | None:
    """Investigates a question of the nightly list."""
    result = None
    try:
        result = run_investigation_agent(query)
    except Exception as e:
        print(f"Error: {e}")
    return result
