"""A person's calendar at a secret address, without a language prefix and without a sign-in."""

from django.urls import path  # noqa: F401

urlpatterns = []
