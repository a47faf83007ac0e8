"""Instants as rooms and their scripts take them: whole milliseconds since 1970."""

from datetime import UTC, datetime


def milliseconds(instant):
    return None if instant is None else round(instant.timestamp() * 1000)


def moment(milliseconds):
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
