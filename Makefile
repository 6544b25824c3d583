# make run | test | slow | reach | firefox | deploy-test | long | hostile | lighthouse | soak | screens | coverage
#      check | bench | bench-more | bench-video | bench-networks | bench-hostile | pins | fresh | check-fresh
# Everything lives in .venv; delete it to start over. ARGS goes to pytest: make test ARGS="tests/host -x".
PORT ?= 8501
PYTHON ?= python3
ARGS ?=
# Python compiles what is imported, a small part of all, at its first import.
PIP = .venv/bin/python -m pip install --quiet --no-compile --disable-pip-version-check --constraint constraints.txt
PYTEST = .venv/bin/python -m pytest
# Two tests at once, on two cores: those of the second half go to whoever has none left, or a file's stay together, where
# what they share takes long. A part that ARGS names runs alone.
BY_TEST = $(if $(ARGS),,--numprocesses 2 --dist worksteal)
BY_FILE = $(if $(ARGS),,--numprocesses 2 --dist loadfile)

.PHONY: run test slow reach firefox lighthouse screens hostile deploy-test long soak coverage check bench bench-more bench-video bench-networks bench-hostile pins fresh check-fresh chromium ffmpeg haproxy

run: .venv/run
	.venv/bin/python -m colorfilter serve --port $(PORT)

# What needs no browser, then the browser's tests; a part of them as ARGS says.
test: .venv/dev chromium ffmpeg
	$(PYTEST) $(BY_TEST) $(or $(ARGS),--ignore tests/browser)
	$(if $(ARGS),,$(PYTEST) $(BY_TEST) tests/browser)

slow: .venv/dev chromium ffmpeg
	$(PYTEST) -m slow $(BY_TEST) $(or $(ARGS),--ignore tests/browser)
	$(if $(ARGS),,$(PYTEST) -m slow $(BY_TEST) tests/browser)

reach: .venv/dev chromium
	$(PYTEST) -m reach $(or $(ARGS),tests/browser)

firefox: .venv/dev chromium
	sh tests/support/firefox.sh
	$(PYTEST) -m firefox $(or $(ARGS),tests/browser)

# Lighthouse alone: the server compresses what the page loads on a thread that gives way to everything else.
lighthouse: .venv/dev chromium
	sh tests/support/lighthouse.sh
	$(PYTEST) -m lighthouse $(or $(ARGS),tests/browser/test_lighthouse.py)
	$(if $(ARGS),,$(PYTEST) -m lighthouse $(BY_TEST) tests/browser/test_axe.py)

# Every state of the page on one sheet, for people to look at.
screens: .venv/dev chromium
	.venv/bin/python -m tests.support.screens test-output/screens

# Alone: who attacks goes by deadlines, as the server does.
hostile: .venv/dev chromium
	$(PYTEST) -m hostile -s $(or $(ARGS),tests/browser)

deploy-test: .venv/dev chromium haproxy
	$(PYTEST) -m deploy $(BY_FILE) $(or $(ARGS),tests/deploy tests/browser)

# reach, firefox and deploy-test in one go, two files at once, in the order of tests/conftest.py.
long: .venv/dev chromium haproxy
	sh tests/support/firefox.sh
	$(PYTEST) -m "reach or firefox or deploy" $(BY_FILE) --no-loadscope-reorder $(or $(ARGS),tests/deploy tests/browser)

soak: .venv/dev chromium
	$(PYTEST) -m soak -s $(or $(ARGS),tests/browser)

coverage: .venv/dev chromium ffmpeg
	$(PYTEST) --cov --cov-report term-missing:skip-covered $(ARGS)

check: .venv/dev
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/oxlint

bench: .venv/dev chromium
	.venv/bin/python -m bench

bench-more: .venv/dev chromium ffmpeg
	sh tests/support/firefox.sh
	sh tests/support/lighthouse.sh
	.venv/bin/python -m bench more

bench-video: .venv/dev chromium ffmpeg
	.venv/bin/python -m bench clips

bench-hostile: .venv/dev chromium
	.venv/bin/python -m bench hostile

# Lines with a real queue, in networks of their own: as root.
bench-networks: .venv/dev chromium
	sh tests/support/firefox.sh
	.venv/bin/python -m bench networks firefox

# The newest releases that requirements.txt and requirements-dev.txt allow, for Python 3.11 to 3.14 and all systems.
pins: .venv/dev
	.venv/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 --annotation-style line \
	  --custom-compile-command "make pins" requirements-dev.txt --output-file constraints.txt

# The README's two commands in an empty Debian 12, or 13: make fresh SUITE=trixie. As root.
fresh: .venv/run
	sh tests/support/fresh_machine.sh

# The same in a few minutes: one file of the browser's tests, and of the others not those that are the same on every
# machine, since all that they need comes with packages: live video, vision filters, and the page's logic.
check-fresh: .venv/run
	sh tests/support/fresh_machine.sh "--numprocesses 2 --dist worksteal --ignore=tests/browser --ignore=tests/webrtc \
	  --ignore=tests/vision --ignore=tests/page --ignore=tests/test_streamlit_app.py" \
	  "--numprocesses 2 --dist worksteal tests/browser/test_stream.py"

chromium: .venv/dev
	sh tests/support/chromium.sh

ffmpeg:
	sh tests/support/ffmpeg.sh

haproxy:
	sh tests/support/haproxy.sh

.venv/run: requirements.txt constraints.txt
	test -x .venv/bin/python || $(PYTHON) -m venv .venv
	$(PIP) --requirement requirements.txt
	touch $@

.venv/dev: requirements-dev.txt .venv/run
	$(PIP) --requirement requirements-dev.txt
	touch $@
