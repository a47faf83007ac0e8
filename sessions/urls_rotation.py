"""Lead groups, the year of regional meetings, the checklist of the group whose turn it is."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from sessions.views import confirming, duties, lead_groups, rotation


class Quarter(StringConverter):
    regex = r"20[2-8][0-9]-Q[1-4]"


class Year(StringConverter):
    regex = r"20[2-8][0-9]"

    def to_python(self, value):
        return int(value)


register_converter(Quarter, "quarter")
register_converter(Year, "year")

urlpatterns = [
    path("groups/", lead_groups.index, name="lead_groups"),
    path("groups/<int:pk>/", lead_groups.group, name="lead_group"),
    path("groups/<int:pk>/add/", lead_groups.add, name="lead_group_add"),
    path("groups/<int:pk>/leave/", lead_groups.leave, name="lead_group_leave"),
    path("groups/<int:pk>/members/<int:member>/", lead_groups.remove, name="lead_group_remove"),
    path("year/", rotation.now, name="year_now"),
    path("year/<year:year>/", rotation.year, name="year"),
    path("year/<year:year>/propose/", confirming.propose, name="year_propose"),
    path("year/<year:year>/dates/", rotation.dates, name="year_dates"),
    path("quarters/<quarter:quarter>/", duties.page, name="duties"),
    path("quarters/<quarter:quarter>/accept/", rotation.accept, name="slot_accept"),
    path("quarters/<quarter:quarter>/decline/", rotation.decline, name="slot_decline"),
    path("quarters/<quarter:quarter>/assign/", rotation.assign, name="slot_assign"),
    path("quarters/<quarter:quarter>/swap/", rotation.swap, name="slot_swap"),
    path("quarters/<quarter:quarter>/invite/", confirming.invite, name="duty_invite"),
    path("quarters/<quarter:quarter>/do/<slug:act>/", duties.act, name="duty_act"),
]
