"""Keys for ever: the same content has the same translation key on every installation, in every language."""

import uuid

NAMESPACE = uuid.UUID("6f1f3c1e-5d0b-5a57-9f0e-0b8a6f1d2c37")


def content_key(*path):
    """`content_key("train-the-trainer", "activity", "care-gap")`."""
    return uuid.uuid5(NAMESPACE, "/".join(path))


def curriculum_key(curriculum):
    return content_key("curriculum", curriculum)


def module_key(curriculum, module):
    return content_key("curriculum", curriculum, "module", module)


def activity_key(curriculum, activity):
    return content_key("curriculum", curriculum, "activity", activity)
