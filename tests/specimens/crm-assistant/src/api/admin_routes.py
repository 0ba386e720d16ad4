"""What only administrators may do."""

from fastapi import APIRouter, Depends, Header, HTTPException

from config import settings
from src.services.provisioning_service import ProvisioningService
from src.tools.bigquery_tool import revenue

_settings = settings.load()


def require_admin(x_admin_token: str = Header()) -> None:
    """Lets administrators through."""
    if x_admin_token != _settings.admin_token:
        raise HTTPException(status_code=403, detail="forbidden")


router = APIRouter(prefix="/admin", dependencies=[Depends(require_admin)])


@router.post("/tenants/{tenant_id}")
def create_tenant(tenant_id: str) -> dict:
    """Sets a tenant up."""
    return {"success": ProvisioningService().create_tenant(tenant_id)}


@router.delete("/tenants/{tenant_id}")
def delete_tenant(tenant_id: str) -> dict:
    """Takes a tenant down."""
    return {"success": ProvisioningService().delete_tenant_data(tenant_id)}


@router.get("/tenants/{tenant_id}/revenue")
def tenant_revenue(tenant_id: str) -> dict:
    """A tenant's revenue."""
    return {"success": True, "data": revenue(tenant_id)}
