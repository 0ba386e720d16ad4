"""Which models there are, and their stages."""

import json
from pathlib import Path

REGISTRY = Path("models/registry.json")


def list_models() -> list[dict]:
    """All models."""
    return json.loads(REGISTRY.read_text())


def promote(model_id: str, stage: str) -> bool:
    """Moves a model to a stage."""
    models = list_models()
    for model in models:
        if model["id"] == model_id:
            model["stage"] = stage
            REGISTRY.write_text(json.dumps(models))
            return True
    return False
