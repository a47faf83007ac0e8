"""Pages of what happens live, by subject. The namespace is `live`; sockets are in routing.py."""

from django.urls import include, path

app_name = "live"
urlpatterns = [
    path("live/", include("sessions.urls_attendance")),
    path("live/", include("sessions.urls_calendar")),
    path("live/", include("sessions.urls_answers")),
    path("live/", include("sessions.urls_planning")),
    path("live/", include("sessions.urls_rotation")),
    path("live/", include("sessions.urls_selection")),
    path("live/", include("sessions.urls_after")),
    path("live/", include("sessions.urls_conference")),
    path("live/", include("sessions.urls_board")),
    path("live/", include("sessions.urls_control")),
    path("live/", include("sessions.urls_desk")),
    path("live/", include("sessions.urls_room")),
    path("live/", include("sessions.urls_slides")),
]
