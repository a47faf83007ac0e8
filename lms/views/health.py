from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.core.cache import cache
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpResponse, JsonResponse


def healthz(request):
    return HttpResponse("ok", content_type="text/plain")


def readyz(request):
    """200 when every dependency answers, 503 otherwise; the body names each and never says more than ok or failed."""
    results = {name: _state(probe) for name, probe in PROBES.items()}
    ready = all(state == "ok" for state in results.values())
    return JsonResponse({"ready": ready, **results}, status=200 if ready else 503, headers={"Cache-Control": "no-store"})


def _state(probe):
    try:
        return "ok" if probe() else "failed"
    except Exception:  # whatever a dependency raises, the probe must answer
        return "failed"


def _database():
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return cursor.fetchone() == (1,)


def _migrations():
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def _cache():
    cache.set("readyz", "ok", 5)
    return cache.get("readyz") == "ok"


def _channel_layer():
    async def round_trip():
        layer = get_channel_layer()
        name = await layer.new_channel()
        await layer.send(name, {"type": "probe"})
        return (await layer.receive(name))["type"] == "probe"

    return async_to_sync(round_trip)()


PROBES = {"database": _database, "migrations": _migrations, "cache": _cache, "channel_layer": _channel_layer}
