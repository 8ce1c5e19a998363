# syntax=docker/dockerfile:1
# One image for every part of Publisher; docker-compose.yml says which command each one runs.

FROM python:3.13-slim AS build
WORKDIR /src
COPY requirements-build.lock requirements.lock ./
# Wheels first, from hashed locks only, so that no build tool has to enter the image itself.
RUN python -m venv /opt/build \
 && /opt/build/bin/pip install --no-cache-dir --no-deps --require-hashes -r requirements-build.lock \
 && /opt/build/bin/pip wheel --no-cache-dir --no-deps --no-build-isolation --require-hashes \
      --wheel-dir /wheels -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY publisher publisher
COPY tasks tasks
COPY templates templates
RUN /opt/build/bin/pip wheel --no-cache-dir --no-deps --no-build-isolation --wheel-dir /wheels . \
 && python -m venv --without-pip /opt/publisher \
 && /opt/build/bin/pip --python /opt/publisher/bin/python install --no-cache-dir --no-deps --no-index \
      /wheels/*.whl

FROM python:3.13-slim
RUN useradd --system --uid 10001 --home-dir /var/lib/publisher publisher \
 && install -d -o publisher -g publisher /var/lib/publisher /var/lib/publisher/public
COPY --from=build /opt/publisher /opt/publisher
ENV PATH=/opt/publisher/bin:$PATH \
    PUBLISHER_HOME=/var/lib/publisher \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
USER publisher
WORKDIR /var/lib/publisher
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["publisher", "web", "--host", "0.0.0.0"]
