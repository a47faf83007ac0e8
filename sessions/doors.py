"""The addresses of what is around a room, for pages that lead there."""

from django.urls import NoReverseMatch, reverse

OF_A_MEETING = ("room", "control", "board_summary", "attendance", "attendance_mine", "devices", "recording")


def doors_of(meeting):
    """`{name: address}`. What this installation does not have is "" and is not offered."""
    return {name: _address(name, meeting.pk) for name in OF_A_MEETING}


def _address(name, pk):
    for args in ([pk], []):
        try:
            return reverse(f"live:{name}", args=args)
        except NoReverseMatch:
            continue
    return ""
