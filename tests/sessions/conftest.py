"""Fixtures of the rooms' tests."""

from tests.sessions.sockets import door

__all__ = ["door"]
