"""The nightly list."""

import asyncio
import os

from openai import AsyncOpenAI

client = AsyncOpenAI(api_key=os.environ["OPENAI_API_KEY"], timeout=30)


async def summarize(query: str) -> str:
    """A case in a sentence."""
    completion = await client.chat.completions.create(
        model="gpt-4o", messages=[{"role": "user", "content": query}]
    )
    return completion.choices[0].message.content


async def summarize_all(queries: list[str]) -> list[str]:
    """All cases of the night at once."""
    return await asyncio.gather(*(summarize(query) for query in queries))
