"""The calendar page."""

from django.urls import path

from sessions.views import calendar

urlpatterns = [path("calendar/", calendar.calendar_page, name="calendar_page")]
