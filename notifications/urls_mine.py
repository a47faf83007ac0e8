"""A person's notices, choices, telephone, calendar address, and the way out of a kind of message."""

from django.urls import path

from notifications.views import feed, mine, stop

urlpatterns = [
    path("", mine.notice_list, name="notices"),
    path("read/", mine.notices_read, name="notices_read"),
    path("<int:pk>/", mine.notice, name="notice"),
    path("choices/", mine.chosen, name="choices"),
    path("choices/telephone/", mine.number_add, name="number_add"),
    path("choices/telephone/confirm/", mine.number_confirm, name="number_confirm"),
    path("choices/telephone/remove/", mine.number_remove, name="number_remove"),
    path("stop/<str:token>/", stop.stop, name="unsubscribe"),
    path("calendar/", feed.address, name="calendar_address"),
]
