"""Few fixtures for all: a database made once, threads that start together, private PostgreSQL and Redis."""

import contextlib
import fcntl
import functools
import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import uuid
from pathlib import Path

import hypothesis
import psycopg
import pytest

from tests.servers import running

ROOT = Path(__file__).resolve().parent.parent
hypothesis.settings.register_profile("puente", deadline=None)  # a slow moment of a busy machine is no finding
hypothesis.settings.load_profile("puente")
COPY = "copy_"  # databases that begin so are copies with all tables


def pytest_collection_modifyitems(items):
    for item in items:
        if "browser" in item.path.parts and item.path.is_relative_to(ROOT / "tests"):
            item.add_marker("browser")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_xdist_suffix):
    """Migrating takes fifteen seconds: do it once per set of migrations, then every worker starts from a copy."""
    from django.conf import settings
    from django.db import connections

    if not settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        yield
        return
    target = Path(connections["default"].settings_dict["TEST"]["NAME"])
    shutil.copyfile(migrated_template(), target)
    yield
    for path in target.parent.glob(target.name + "*"):
        path.unlink(missing_ok=True)


@pytest.fixture(scope="session")
def django_db_keepdb(request):
    from django.conf import settings

    database = settings.DATABASES["default"]
    ready = database["ENGINE"].endswith("sqlite3") or str(database["NAME"]).startswith(COPY)
    return ready or request.config.getvalue("reuse_db")


def _migrated(kind):
    """Where the migrated database of this set of migrations is kept, for all runs on this machine."""
    digest = hashlib.sha256(sys.version.encode())
    for path in [*sorted(ROOT.glob("*/migrations/*.py")), ROOT / "requirements.txt"]:
        digest.update(path.read_bytes())
    return Path(tempfile.gettempdir()) / f"puente-migrated-{os.getuid()}-{digest.hexdigest()[:16]}.{kind}"


def _migrate(database_url):
    environment = {**os.environ, "DATABASE_URL": database_url, "DJANGO_SETTINGS_MODULE": "lms.settings"}
    environment |= {"SECRET_KEY": "tests-only", "SITE_BASE_URL": "http://testserver", "REDIS_URL": ""}
    subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=environment, check=True)


@functools.cache
def migrated_template():
    template = _migrated("sqlite3")
    with open(f"{template}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not template.exists():
            building = template.with_suffix(".building")
            building.unlink(missing_ok=True)
            _migrate(f"sqlite:///{building}")
            building.rename(template)
    return template


@functools.cache
def migrated_cluster():
    """The data folder of a PostgreSQL that has stopped, with all tables in its database `migrated`."""
    cluster = _migrated("postgresql")
    with open(f"{cluster}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not cluster.exists():
            with running.postgresql(keep=cluster) as url:
                with psycopg.connect(url, autocommit=True) as connection:
                    connection.execute("CREATE DATABASE migrated")
                _migrate(url.rpartition("/")[0] + "/migrated")
    return cluster


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item):
    """A test with real transactions empties the database when it ends. What migrations put there is put back at once,
    so that files of tests may run in any order on any worker (Django itself only promises to run such tests last)."""
    result = yield
    mark = item.get_closest_marker("django_db")
    if mark and mark.kwargs.get("transaction"):
        put_migrated_rows_back()
    return result


def put_migrated_rows_back():
    from django.conf import settings
    from django.db import connections

    if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        connections.close_all()
        with (
            contextlib.closing(sqlite3.connect(migrated_template())) as template,
            contextlib.closing(sqlite3.connect(connections["default"].settings_dict["NAME"])) as target,
        ):
            template.backup(target)


@pytest.fixture(autouse=True)
def _fresh_cache():
    from django.core.cache import cache

    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def in_parallel():
    """`in_parallel(act, 10)` runs `act(i)` in ten threads that start together; returns results, exceptions included.

    Needs a test marked `django_db(transaction=True, serialized_rollback=True)`.
    """
    from django.db import connections

    def run(act, times=10):
        results, barrier = [None] * times, threading.Barrier(times)

        def work(number):
            barrier.wait()
            try:
                results[number] = act(number)
            except Exception as error:
                results[number] = error
            finally:
                connections.close_all()

        threads = [threading.Thread(target=work, args=(number,)) for number in range(times)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        return results

    return run


@pytest.fixture(scope="session")
def postgresql_server():
    """A private PostgreSQL on a free port, alone for this session. Skips loudly where the binaries are missing."""
    running.binary("initdb")
    with running.postgresql(migrated_cluster()) as url:
        yield url


@pytest.fixture
def postgresql_url(postgresql_server):
    """For another pytest: its test database has all tables already, and nobody has used it."""
    name = f"{COPY}{uuid.uuid4().hex[:8]}"
    with psycopg.connect(postgresql_server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE test_{name} TEMPLATE migrated")
    return postgresql_server.rpartition("/")[0] + f"/{name}"


@pytest.fixture(scope="session")
def redis_url():
    with running.redis() as url:
        yield url
