"""Who holds one of the few places of a call, across processes: short-lived entries of the cache, one per place.

A place is taken by `cache.add`, which only one can win (memory: under its lock; Redis: SET NX), and is gone after a minute unless its
holder renews it. So a killed process frees its places by itself, and no limit can be passed by two people at once.
"""

from django.core.cache import caches

LIFETIME = 60  # seconds
RENEWAL = 15


class Roster:
    """`size` places under one name. An entry is a dict with at least `id`, the id of one device in this call."""

    def __init__(self, name, size):
        self.keys = [f"{name}:{number}" for number in range(size)]

    def all(self):
        """`{place: entry}` of what is taken."""
        found = _cache().get_many(self.keys)
        return {number: found[key] for number, key in enumerate(self.keys) if key in found}

    def take(self, entry):
        """The number of the place, or `None` when all are taken."""
        return next((number for number, key in enumerate(self.keys) if _cache().add(key, entry, LIFETIME)), None)

    def put(self, place, entry):
        """Changes or renews what one holds. False when somebody else holds the place by now."""
        standing = _cache().get(self.keys[place])
        if standing is not None and standing["id"] != entry["id"]:
            return False
        _cache().set(self.keys[place], entry, LIFETIME)
        return True

    def replace(self, place, entry):
        """Whoever holds it: for the same person on another device."""
        _cache().set(self.keys[place], entry, LIFETIME)

    def free(self, place, entry):
        standing = _cache().get(self.keys[place])
        if standing is not None and standing["id"] == entry["id"] and standing.get("conn") == entry.get("conn"):
            _cache().delete(self.keys[place])

    def clear(self):
        _cache().delete_many(self.keys)


def _cache():
    return caches["rooms"]
