"""Sets tenants up, and takes them down."""

import logging

from src.tools.supabase_tool import notify

logger = logging.getLogger(__name__)


class ProvisioningService:
    """Life and death of a tenant."""

    def create_tenant(self, tenant_id: str) -> bool:
        """Sets a tenant up."""
        logger.info("creating %s", tenant_id)
        return notify(tenant_id, "created")

    def delete_tenant_data(self, tenant_id: str) -> bool:
        """Removes all that a tenant has."""
        # TODO: delete the tenant's rows, its files and its index
        return True
