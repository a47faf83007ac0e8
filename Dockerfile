# One image for pages, sockets, worker and set-up: the command tells them apart (compose.yaml). No secret enters it.
FROM python:3.12-slim AS packages
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
COPY requirements.txt /tmp/
RUN python -m venv /venv && /venv/bin/pip install -r /tmp/requirements.txt

FROM python:3.12-slim
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    STATIC_ROOT=/srv/static MEDIA_ROOT=/srv/media
RUN useradd --system --uid 10001 --home-dir /app puente \
    && install -d -o puente -g puente /srv/static /srv/media
COPY --from=packages /venv /venv
WORKDIR /app
COPY . .
USER puente
EXPOSE 8000
CMD ["gunicorn", "lms.wsgi:application", "--worker-class", "gthread", "--workers", "2", "--threads", "2", \
     "--bind", ":8000", "--worker-tmp-dir", "/dev/shm", "--no-control-socket", "--timeout", "30", "--graceful-timeout", "20", "--access-logfile", "-"]
