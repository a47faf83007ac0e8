"""Verification is public, short and without a language prefix, so that its QR code stays small."""

from django.urls import path

from curriculum.views import verification

app_name = "verification"
urlpatterns = [
    path("", verification.form, name="form"),
    path("<str:code>.json", verification.as_json, name="json"),
    path("<str:code>", verification.verify, name="verify"),
    path("<str:code>/", verification.verify),
]
