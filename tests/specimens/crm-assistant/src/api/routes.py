"""Quotes and clients of a tenant."""

import json
import logging

from fastapi import APIRouter, HTTPException, Response

from src.services import pdf
from src.services.crm_service import CrmService
from src.services.faiss_helpdesk_service import FaissHelpdeskService
from src.services.rag_response_service import answer

router = APIRouter(prefix="/api")
logger = logging.getLogger(__name__)

_service_cache: dict[str, CrmService] = {}


def get_service(tenant_id: str) -> CrmService:
    """The service of a tenant, made once."""
    if tenant_id not in _service_cache:
        _service_cache[tenant_id] = CrmService(tenant_id)
    return _service_cache[tenant_id]


@router.get("/{tenant_id}/clients")
def search_clients(tenant_id: str, text: str) -> dict:
    """Clients by name."""
    clients = get_service(tenant_id).search_clients(text)
    return {"success": True, "data": clients, "count": len(clients)}


@router.get("/{tenant_id}/pipeline")
def pipeline(tenant_id: str) -> dict:
    """Quotes by stage."""
    return {"stages": get_service(tenant_id).pipeline_summary()}


@router.post("/{tenant_id}/helpdesk")
def helpdesk(tenant_id: str, question: str) -> dict:
    """An answer to a question."""
    try:
        passages = FaissHelpdeskService.get_instance().search([tenant_id], question)
    except Exception as error:
        logger.error("no passages for %s: %s", tenant_id, error)
        passages = []
    return {"success": True, "data": answer(question, passages), "count": 1}


@router.post("/{tenant_id}/quotes/parse")
def parse_quote(tenant_id: str, body: str) -> dict:
    """A quote from a partner's mail."""
    try:
        quote = json.loads(body)
    except:
        quote = {}
    total = quote["total"]
    return {"success": True, "data": {"tenant": tenant_id, "total": total}, "count": 1}


@router.get("/{tenant_id}/quotes/{quote_id}/pdf")
def quote_document(tenant_id: str, quote_id: str) -> Response:
    """A quote as a document."""
    try:
        content = pdf.quote_pdf({"title": quote_id, "items": get_service(tenant_id).quotes_of(quote_id)})
    except Exception as error:
        raise HTTPException(status_code=500, detail=str(error)) from error
    return Response(content=content, media_type="application/pdf")
