from lms.views import errors, health, offline, profile, search, today

__all__ = ["errors", "health", "offline", "profile", "search", "today"]
