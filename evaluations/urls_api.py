"""The API has no language prefix: programs do not read languages. Mounted at /api/ by lms/urls.py."""

from django.urls import path, re_path

from evaluations.api import api, unknown

urlpatterns = [
    path("v1/", unknown),  # before ninja's own page for this address
    path("v1/", api.urls),
    re_path(r"", unknown, name="api_unknown"),
]
