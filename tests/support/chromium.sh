#!/bin/sh
# Finds a Chromium for the browser tests: an installed one, else apt's when root, else Playwright's own download.
cd "$(dirname "$0")/../.." || exit 1
found() { .venv/bin/python tests/support/chromium.py; }

found && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  apt-get update && apt-get install -y chromium
  found && exit 0
fi
.venv/bin/python -m playwright install chromium
found && exit 0
echo "No Chromium could be found or installed; the browser tests need one. Install Chromium or Chrome and try again." >&2
exit 1
