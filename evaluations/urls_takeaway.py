"""Addresses of evaluations/urls.py, namespace `evaluations`."""

from django.urls import path, re_path

from evaluations.views import takeaway, tokens

urlpatterns = [
    path("cohorts/<int:pk>/export/", takeaway.export, name="export"),
    re_path(
        r"^cohorts/(?P<pk>[0-9]{1,18})/charts/(?P<indicator>[-\w]{1,80})\.(?P<ending>svg|png)$", takeaway.chart, name="chart"
    ),
    path("exports/<int:pk>/", takeaway.job_file, name="export_file"),
    path("exports/<int:pk>/retry/", takeaway.job_retry, name="export_retry"),
    path("tokens/", tokens.index, name="tokens"),
    path("tokens/<int:pk>/end/", tokens.end, name="token_end"),
]
