"""Sound and picture: the door to a meeting elsewhere, the device check, what engines tell us."""

from django.urls import path

from sessions.views import conference

urlpatterns = [
    path("<int:pk>/conference/", conference.join, name="conference_join"),
    path("<int:pk>/conference/stays/", conference.stays, name="conference_stays"),
    path("<int:pk>/devices/", conference.devices, name="devices"),
    path("hooks/<slug:key>/", conference.hook, name="conference_hook"),
]
