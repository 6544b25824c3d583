# make run | test | slow | reach | deploy-test | soak | check | bench | bench-more.  Everything lives in .venv; delete it to start over.
PORT ?= 8501
PYTHON ?= python3

.PHONY: run test slow reach deploy-test soak check bench bench-more chromium haproxy

run: .venv/run
	.venv/bin/python -m colorfilter serve --port $(PORT)

test: .venv/dev chromium
	.venv/bin/python -m pytest

slow: .venv/dev chromium
	.venv/bin/python -m pytest -m slow

reach: .venv/dev chromium
	.venv/bin/python -m pytest -m reach

deploy-test: .venv/dev chromium haproxy
	.venv/bin/python -m pytest -m deploy

soak: .venv/dev chromium
	.venv/bin/python -m pytest -m soak -s

check: .venv/dev
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy

bench: .venv/dev chromium
	.venv/bin/python -m bench

bench-more: .venv/dev chromium
	.venv/bin/python -m bench more

chromium: .venv/dev
	sh tests/support/chromium.sh

haproxy:
	sh tests/support/haproxy.sh

.venv/run: requirements.txt
	$(PYTHON) -m venv .venv
	.venv/bin/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

.venv/dev: requirements-dev.txt .venv/run
	.venv/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $@
