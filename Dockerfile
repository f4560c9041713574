# Beseda as an image. compose.yaml builds and starts it; OPERATIONS.md says how to run it; `make image` tries it.
#
# The base goes by its tag, so that each build brings the fixes of the system. Whoever wants the same bytes each time
# names them: --build-arg PYTHON=3.13-slim-trixie@sha256:…
ARG PYTHON=3.13-slim-trixie

FROM docker.io/library/python:${PYTHON} AS packages
# requirements-extras.txt instead of it also brings what only some settings need (Valkey or Redis, a bucket).
ARG REQUIREMENTS=requirements.txt
WORKDIR /build
COPY requirements*.txt ./
# Ready-made wheels only, each by its hash: nothing is compiled and no package's script runs. Of the tables for all the
# world's languages (33 MB) ours stay.
RUN python -m venv --without-pip /opt/beseda \
    && python -m pip --python /opt/beseda/bin/python install --no-cache-dir --disable-pip-version-check \
       --require-hashes --only-binary :all: --requirement "${REQUIREMENTS}" \
    && find /opt/beseda -path '*/babel/locale-data/*' ! -name 'root.dat' ! -name 'ru*' ! -name 'en*' -delete

FROM docker.io/library/python:${PYTHON} AS beseda
LABEL org.opencontainers.image.title="Beseda" \
      org.opencontainers.image.description="Talk with characters" \
      org.opencontainers.image.licenses="MIT"
RUN install --directory --owner 10001 --group 10001 --mode 0700 /data
COPY --from=packages /opt/beseda /opt/beseda
WORKDIR /app
COPY . .
# Compiled here, since later nothing is written to but /data and, for a moment, /tmp: the root may be read-only.
RUN /opt/beseda/bin/python -m compileall -q main.py domain storage ui && \
    /opt/beseda/bin/python -c "from domain.language import Texts; Texts('ru')"
ENV PATH=/opt/beseda/bin:${PATH} \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOST=0.0.0.0 \
    DATA_DIR=/data
USER 10001:10001
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["python", "-c", \
    "import os, urllib.request as http; http.urlopen(f'http://127.0.0.1:{os.environ.get(\"PORT\", 8000)}/healthz', timeout=4)"]
CMD ["python", "main.py"]

# Of PostgreSQL, backups are made by its own programs, of the version of its server: 17 in compose.yaml and in Debian 13.
FROM beseda AS backup
USER 0:0
# hadolint ignore=DL3008
RUN apt-get update && apt-get install --yes --no-install-recommends postgresql-client-17 && rm -rf /var/lib/apt/lists/*
USER 10001:10001

FROM beseda
