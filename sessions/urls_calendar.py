"""The calendar page, and adding it elsewhere."""

urlpatterns = []
