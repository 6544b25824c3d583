#!/bin/sh
# Sees to a Firefox. As root on Debian apt installs it; else it is named.
cd "$(dirname "$0")/../.." || exit 1
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null && ! command -v firefox-esr >/dev/null && ! command -v firefox >/dev/null; then
  apt-get update && apt-get install -y firefox-esr
fi
.venv/bin/python -m tests.support.firefox
