"""Rows of telling people: what is to leave and what left, what each person wants, what came back."""

from notifications.models.feed import FeedToken
from notifications.models.message import Bounce, Message
from notifications.models.notice import Notice
from notifications.models.preference import Habit, Preference, TextNumber
from notifications.models.wording import Wording

__all__ = ["Bounce", "FeedToken", "Habit", "Message", "Notice", "Preference", "TextNumber", "Wording"]
