"""The platform's web interface."""

import logging

from flask import Flask, Response, jsonify, request

from platform_core.agents.investigator import run_investigation_agent
from platform_core.privacy import delete_user_data

logger = logging.getLogger(__name__)

app = Flask(__name__)


@app.route("/investigations", methods=["POST"])
def create_investigation() -> Response:
    """Runs an investigation."""
    body = request.get_json()
    query = body["query"].strip()
    logger.info("request %s", dict(request.headers))
    result = run_investigation_agent(query)
    return jsonify({"result": result})


@app.route("/users/<user_id>", methods=["DELETE"])
def forget_user(user_id: str) -> Response:
    """Forgets a user."""
    delete_user_data(user_id)
    logger.info("forgot %s with token %s", user_id, request.headers["Authorization"])
    return jsonify({"deleted": True})
