"""What a person wants to be told and how; what was told; the programme's own words. The namespace is `notifications`."""

from django.urls import include, path

app_name = "notifications"
urlpatterns = [
    path("messages/", include("notifications.urls_mine")),
    path("messages/", include("notifications.urls_centre")),
]
