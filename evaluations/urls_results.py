"""Addresses of evaluations/urls.py, namespace `evaluations`."""

from django.urls import path

from evaluations.views import results, results_compare, results_detail

urlpatterns = [
    path("results/", results.index, name="results"),
    path("results/compare/", results_compare.compare, name="results_compare"),
    path("results/<int:pk>/", results.cohort_results, name="cohort_results"),
    path("results/<int:pk>/<slug:indicator>/", results_detail.detail, name="indicator_results"),
    path("results/<int:pk>/<slug:indicator>/sentence/", results_detail.sentence, name="indicator_sentence"),
    path("results/<int:pk>/<slug:indicator>/themes/", results_detail.themes_of_text, name="indicator_themes"),
]
