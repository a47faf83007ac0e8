"""A preparatory meeting: criteria, candidates, decisions."""

urlpatterns = []
