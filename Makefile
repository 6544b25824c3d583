# make run | test | reach | soak | check | bench.  Everything lives in .venv; delete it to start over.
PORT ?= 8501
PYTHON ?= python3

.PHONY: run test reach soak check bench chromium

run: .venv/run
	.venv/bin/python -m colorfilter serve --port $(PORT)

test: .venv/dev chromium
	.venv/bin/python -m pytest

reach: .venv/dev chromium
	.venv/bin/python -m pytest -m reach

soak: .venv/dev chromium
	.venv/bin/python -m pytest -m soak -s

check: .venv/dev
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy

bench: .venv/dev chromium
	.venv/bin/python -m bench

chromium: .venv/dev
	sh tests/browser/chromium.sh

.venv/run: requirements.txt
	$(PYTHON) -m venv .venv
	.venv/bin/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

.venv/dev: requirements-dev.txt .venv/run
	.venv/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $@
