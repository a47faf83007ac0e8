"""Being built."""

urlpatterns = []
