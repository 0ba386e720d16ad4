"""One shape for errors."""

import logging

from fastapi.responses import JSONResponse

logger = logging.getLogger(__name__)


def safe_error_response(error: Exception, status: int = 500) -> JSONResponse:
    """Logs the error and tells the client nothing of its inside."""
    logger.error("request failed", exc_info=error)
    return JSONResponse({"success": False, "error": "internal error"}, status_code=status)
