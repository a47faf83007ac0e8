"""A person's calendar at a secret address, without a language prefix and without a sign-in."""

from django.urls import path

from notifications.views import feed

app_name = "ics"
urlpatterns = [path("<str:token>.ics", feed.calendar, name="feed")]
