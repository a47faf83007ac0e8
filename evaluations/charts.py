"""Coordinates for the SVG that templates write: strings with a point and a percent sign, never localised."""

from evaluations.needs import HIGHEST, LOWEST

SHOWN = 1  # decimals: a mark stands where its words say, since an exact mean would tell more than they do


def position(value):
    """Where a rating stands on the row, away from the edges so that its mark is whole."""
    share = (value - LOWEST) / (HIGHEST - LOWEST)
    return f"{2 + 96 * share:.2f}%"


def gap_rows(areas):
    """One row per area: from ability (hollow) to importance (filled)."""
    return [
        {
            "need": area,
            "ability_at": None if area.hidden else position(round(area.ability, SHOWN)),
            "importance_at": None if area.hidden else position(round(area.importance, SHOWN)),
        }
        for area in areas
    ]


def points():
    """The points of the scale and where they stand."""
    return [{"value": value, "at": position(value)} for value in range(LOWEST, HIGHEST + 1)]
