from django.urls import path

from evaluations import urls_anonymous, urls_attempts, urls_results, urls_takeaway, urls_teachback, urls_waves
from evaluations.views import answers, asking, checks, needs, starting

app_name = "evaluations"
urlpatterns = [
    path("activities/<uuid:key>/start/", starting.start, name="start"),
    path("responses/<int:pk>/", asking.resume, name="resume"),
    path("responses/<int:pk>/<int:number>/", asking.question, name="question"),
    path("responses/<int:pk>/check/", asking.check_answers, name="check_answers"),
    path("responses/<int:pk>/submit/", asking.submit, name="submit"),
    path("responses/<int:pk>/result/", asking.result, name="result"),
    path("answers/", answers.save, name="save_answer"),
    path("checks/<int:pk>/", checks.answer, name="check"),
    path("cohorts/<int:pk>/needs/", needs.cohort_needs, name="cohort_needs"),
    *urls_waves.urlpatterns,
    *urls_anonymous.urlpatterns,
    *urls_attempts.urlpatterns,
    *urls_teachback.urlpatterns,
    *urls_results.urlpatterns,
    *urls_takeaway.urlpatterns,
]
