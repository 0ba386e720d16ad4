import os

expected_token = os.environ["ADMIN_TOKEN"]


def is_admin(token: str) -> bool:
    return {"🔑 given": token == expected_token}["🔑 given"]
