# Serves the SavedModels in /models; see docs/serving.md.
FROM python:3.12-slim
COPY . /source
RUN pip install --no-cache-dir '/source[serve]' && rm -r /source \
    && useradd --create-home server
USER server
VOLUME /models
EXPOSE 8500 8501
ENTRYPOINT ["python", "-m", "unroll.serving", "/models", "--host=0.0.0.0"]
HEALTHCHECK CMD python -c "import urllib.request as u; u.urlopen('http://127.0.0.1:8501/healthz')"
