"""What the site asks for."""

import logging

from fastapi import FastAPI, Request

from services.search import find_domains, keep_feedback

logger = logging.getLogger(__name__)

app = FastAPI(title="Brand drift")


@app.get("/domains")
async def domains(request: Request) -> dict:
    """Domains by name."""
    name = request.query_params["name"]
    return {"domains": find_domains(name)}


@app.post("/feedback")
async def feedback(request: Request) -> dict:
    """What a reader says of an answer."""
    body = await request.json()
    comment = body["comment"].strip()
    keep_feedback(comment)
    return {"comment": comment}
