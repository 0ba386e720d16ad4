from platform_core.manager import InvestigationManager


def test_manager_remembers():
    manager = InvestigationManager()
    manager.remember("who is john")
