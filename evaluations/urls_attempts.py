"""Addresses of evaluations/urls.py, namespace `evaluations`."""

urlpatterns = []
