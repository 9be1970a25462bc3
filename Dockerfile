# The web app in a container:
#   docker build -t kmeans-studio .
#   docker run -p 8501:8501 kmeans-studio
FROM python:3.12-slim

# Extras from pyproject.toml: all but Spark, which with its Java adds 0.6 GB to 1.1; --build-arg EXTRAS=all has it.
ARG EXTRAS=app,dask

ENV PYTHONUNBUFFERED=1 \
    NUMBA_CACHE_DIR=/var/cache/numba \
    STREAMLIT_SERVER_ADDRESS=0.0.0.0 \
    STREAMLIT_SERVER_PORT=8501 \
    STREAMLIT_SERVER_FILE_WATCHER_TYPE=none

COPY . /src
# Numba knows by a file's time whether compiled code is still that of the file, and layers keep times in whole
# seconds: so the files get such times before anything is compiled.
RUN pip install --no-cache-dir --constraint /src/requirements.txt "/src[${EXTRAS}]" \
    && rm -rf /src \
    && find "$(python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/kmeans_core" -name '*.py' \
        -exec sh -c 'touch -d "@$(stat -c %Y "$1")" "$1"' _ {} \;

# 1000 is the user that hosts such as Hugging Face Spaces run an image as. The folders are for compiled code and
# for benchmark results; the second may be a volume.
RUN useradd --create-home --uid 1000 studio \
    && install -d -o studio -g studio "$NUMBA_CACHE_DIR" /home/studio/.kmeans-studio
USER studio
WORKDIR /home/studio
# Writable for whoever runs the image: another processor needs its own code, and Numba puts it there.
RUN python -m kmeans_core compile && chmod -R a+rwX "$NUMBA_CACHE_DIR"

EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s CMD ["python", "-c", \
    "import os, urllib.request as r; r.urlopen(f'http://127.0.0.1:{os.environ[\"STREAMLIT_SERVER_PORT\"]}/_stcore/health', timeout=4)"]
CMD ["kmeans-studio", "app"]
