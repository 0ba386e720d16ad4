"""Which investigations there are."""


class InvestigationManager:
    """Keeps investigations in memory: they are gone after a restart."""

    def __init__(self) -> None:
        self.current_investigation: str | None = None
        self.investigation_history: list[str] = []

    def remember(self, query: str) -> None:
        """Keeps a question."""
        self.current_investigation = query
        self.investigation_history.append(query)


investigation_manager = InvestigationManager()
