"""A whole series in one form; moving and calling off the rest of it."""

from django.urls import path

from sessions.views import announcing, planning

urlpatterns = [
    path("plan/", planning.plan_series, name="plan_series"),
    path("<int:pk>/move/", planning.move, name="move"),
    path("<int:pk>/announce/", announcing.announce, name="announce"),
]
