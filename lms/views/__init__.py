from lms.views import errors, health, offline, privacy, profile, search, today

__all__ = ["errors", "health", "offline", "privacy", "profile", "search", "today"]
