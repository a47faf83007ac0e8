"""Addresses of evaluations/urls.py, namespace `evaluations`."""

from django.urls import path

from evaluations.views import teachback

urlpatterns = [
    path("cohorts/<int:pk>/teach-backs/", teachback.index, name="teach_backs"),
    path("cohorts/<int:pk>/teach-backs/new/", teachback.plan, name="teach_back_plan"),
    path("teach-backs/<int:pk>/", teachback.detail, name="teach_back"),
    path("teach-backs/<int:pk>/rate/", teachback.rate, name="teach_back_rate"),
    path("teach-backs/<int:pk>/reopen/", teachback.reopen, name="teach_back_reopen"),
    path("teach-backs/<int:pk>/settle/", teachback.settle, name="teach_back_settle"),
]
