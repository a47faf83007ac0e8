"""For programme leads: what left, what came back, the words of each message."""

urlpatterns = []
