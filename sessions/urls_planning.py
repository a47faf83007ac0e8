"""A whole series in one form; moving and calling off the rest of it."""

urlpatterns = []
