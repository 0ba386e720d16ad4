"""Documents of the helpdesk."""

from pathlib import Path

from fastapi import APIRouter, UploadFile

router = APIRouter(prefix="/knowledge")

DOCUMENTS = Path("/var/lib/crm/documents")


@router.post("/{tenant_id}/documents")
async def upload(tenant_id: str, file: UploadFile) -> dict:
    """Takes a document into the helpdesk."""
    content = await file.read()
    store(tenant_id, content)
    # TODO: index the document
    return {"success": True, "data": {"bytes": len(content)}, "count": 1}


def store(tenant_id: str, content: bytes) -> None:
    """Keeps a document."""
    (DOCUMENTS / tenant_id).write_bytes(content)
