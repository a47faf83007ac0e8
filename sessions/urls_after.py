"""A meeting before and after: its page, its calendar file, its slides, its transcript. For everybody who belongs to it."""

from django.urls import path

from sessions.views import after, session_page

urlpatterns = [
    path("<int:pk>/", session_page.meeting, name="meeting"),
    path("<int:pk>/calendar.ics", after.calendar, name="calendar"),
    path("<int:pk>/slides/<int:deck>/", after.deck, name="deck"),
    path("<int:pk>/transcript/", after.page, name="transcript"),
    path("<int:pk>/transcript.pdf", after.pdf, name="transcript_pdf"),
    path("<int:pk>/transcript.json", after.as_json, name="transcript_json"),
]
