"""A person's notices, choices, telephone, calendar address, and the way out of a kind of message."""

urlpatterns = []
