"""Addresses of evaluations/urls.py, namespace `evaluations`."""

from django.urls import path

from evaluations.views import anonymous, commitments

# Servers keep no log line of what has "/anonymous/" in its path (gunicorn.conf.py, deploy/nginx.conf.template).
urlpatterns = [
    path("anonymous/<int:pk>/", anonymous.form, name="anonymous"),
    path("commitments/", commitments.own, name="commitments"),
    path("commitments/<int:pk>/<int:day>/", commitments.follow_up, name="follow_up"),
]
