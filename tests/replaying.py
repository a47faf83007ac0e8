"""Pages take forty milliseconds each to make. What was made once from a state of the database is written again as the same statements.

Only SQLite, only within one process, and only when the tables that decide about paths and keys look as they did the first time.
"""

from django.db import connection, transaction

_kept = {}  # (name, arguments, state of the tables) → (statements, result)
STATE = (
    "SELECT name, seq FROM sqlite_sequence WHERE name LIKE 'wagtail%%' OR name LIKE 'curriculum%%' ORDER BY name",
    "SELECT id, path, numchild FROM wagtailcore_page ORDER BY id",
    "SELECT id, language_code FROM wagtailcore_locale ORDER BY id",
    "SELECT id, root_page_id FROM wagtailcore_site ORDER BY id",
)


def made_again(name, arguments, make):
    """The result of `make()`, which writes rows and gives what pickles into no rows (keys), made now or written again."""
    if connection.vendor != "sqlite":
        return make()
    key = (name, arguments, _state())
    if key in _kept:
        statements, result = _kept[key]
        with transaction.atomic(), connection.cursor() as cursor:
            for sql, parameters in statements:
                cursor.execute(sql, parameters)
                cursor.fetchall()
        return result
    statements = []
    with connection.execute_wrapper(lambda *call: _note(statements, *call)):
        result = make()
    _kept[key] = statements, result
    return result


def _state():
    with connection.cursor() as cursor:
        return tuple(tuple(cursor.execute(sql).fetchall()) for sql in STATE)


def _note(statements, execute, sql, parameters, many, context):
    if sql.startswith(("INSERT", "UPDATE", "DELETE")):
        assert not many
        statements.append((sql, parameters))
    return execute(sql, parameters, many, context)
