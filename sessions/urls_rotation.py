"""Lead groups, the year of regional meetings, the checklist of the group whose turn it is."""

urlpatterns = []
