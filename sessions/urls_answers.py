"""Who comes: answers, places, materials."""

urlpatterns = []
