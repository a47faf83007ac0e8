"""Addresses of evaluations/urls.py, namespace `evaluations`."""

from django.urls import path

from evaluations.views import attempts, review

urlpatterns = [
    path("cohorts/<int:pk>/attempts/", attempts.index, name="attempts"),
    path("attempts/<int:pk>/extend/", attempts.extend, name="attempt_extend"),
    path("review/", review.index, name="review"),
    path("review/goal/", review.goal, name="review_goal"),
    path("review/<uuid:client_id>/", review.result, name="review_result"),
]
