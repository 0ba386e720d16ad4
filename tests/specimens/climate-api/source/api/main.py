"""The API."""

import logging
import time

from fastapi import FastAPI, HTTPException, Request
from fastapi.middleware.cors import CORSMiddleware
from fastapi.middleware.gzip import GZipMiddleware
from fastapi.responses import JSONResponse

from source.api import history
from source.api.schemas import BatchRequest, PredictionRequest
from source.ml.inference import predict_one
from source.ml.registry import list_models, promote

logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
logger = logging.getLogger(__name__)

app = FastAPI(title="Climate API", version="1.0.0")

app.add_middleware(
    CORSMiddleware,
    allow_origins=["*"],
    allow_methods=["*"],
    allow_headers=["*"],
)
app.add_middleware(GZipMiddleware, minimum_size=1000)
app.include_router(history.router)

STARTED = time.time()


@app.exception_handler(Exception)
async def failed(request: Request, error: Exception) -> JSONResponse:
    """Answers when something failed."""
    logger.error("failed: %s", request.url.path, exc_info=error)
    return JSONResponse({"error": str(error)}, status_code=500)


@app.get("/health")
async def health() -> dict[str, object]:
    """Whether the service is up."""
    return {"status": "healthy", "uptime": time.time() - STARTED}


@app.get("/models")
async def models() -> dict[str, object]:
    """All models."""
    return {"models": list_models()}


@app.post("/models/{model_id}/promote")
async def promote_model(model_id: str, stage: str) -> dict[str, object]:
    """Moves a model to a stage."""
    if not promote(model_id, stage):
        raise HTTPException(status_code=404, detail="no such model")
    return {"model": model_id, "stage": stage}


@app.post("/predict")
async def predict(request: PredictionRequest) -> dict[str, float]:
    """One prediction."""
    return {"prediction": predict_one(request.model, request.values)}


@app.post("/predict/batch")
def predict_batch(request: BatchRequest) -> dict[str, list[float]]:
    """Many predictions."""
    return {"predictions": [predict_one(request.model, values) for values in request.rows]}
