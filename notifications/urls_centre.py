"""For programme leads: what left, what came back, the words of each message."""

from django.urls import path

from notifications.views import centre, wordings

urlpatterns = [
    path("centre/", centre.log, name="centre"),
    path("centre/upcoming/", centre.upcoming, name="upcoming"),
    path("centre/bounces/", centre.bounce_list, name="bounces"),
    path("centre/bounces/<int:pk>/clear/", centre.bounce_clear, name="bounce_clear"),
    path("wordings/", wordings.index, name="wordings"),
    path("wordings/<slug:what>/", wordings.in_all_languages, name="wording"),
    path("wordings/<slug:what>/<slug:language>/", wordings.edit, name="wording_edit"),
]
