"""State = fold of events, by the table of protocol.py. Pure; the browser does the same (static/live/fold.js).

The state of a stream is a dict of collections, each a dict:
  put     collection[id] = body with the event's s, at, u, n       merge   known ids of `id` or `ids` take over the body's other keys
  drop    the ids of `id` or `ids` leave                           assign  the collection takes over the body's keys
  reset   the collection becomes `body["all"]`
`id` is the body's `id`, else the event's number. Unknown kinds change nothing.
"""

from copy import deepcopy

from sessions.protocol import CHAT_KEPT, FOLD_TABLE

ADDRESS = ("id", "ids")
KEPT = {"chat": CHAT_KEPT}


def fold(state, events):
    """A new state; `state` stays as it was. `events` are dicts as in `ev` frames, in their order."""
    state = deepcopy(state)
    for event in events:
        _apply(state, event)
    return state


def _apply(state, event):
    rule = FOLD_TABLE.get(event["k"])
    if rule is None:
        return
    operation, name = rule
    OPERATIONS[operation](state.setdefault(name, {}), event, name)


def _put(collection, event, name):
    body = event["b"]
    collection[str(body.get("id", event["s"]))] = {**body, "s": event["s"], "at": event["at"], "u": event["u"], "n": event["n"]}
    if len(collection) > KEPT.get(name, len(collection)):
        del collection[min(collection, key=lambda key: collection[key]["s"])]


def _merge(collection, event, name):
    changes = {key: value for key, value in event["b"].items() if key not in ADDRESS}
    for key in _addressed(event):
        if key in collection:
            collection[key] = {**collection[key], **changes}


def _drop(collection, event, name):
    for key in _addressed(event):
        collection.pop(key, None)


def _assign(collection, event, name):
    collection.update(event["b"])


def _reset(collection, event, name):
    collection.clear()
    collection.update(event["b"]["all"])


def _addressed(event):
    body = event["b"]
    return [str(key) for key in (body["ids"] if "ids" in body else [body.get("id")])]


OPERATIONS = {"put": _put, "merge": _merge, "drop": _drop, "assign": _assign, "reset": _reset}
