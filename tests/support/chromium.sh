#!/bin/sh
# Sees to what the browser tests need beside Python: curl, a library for Playwright's Node, and a Chromium.
# As root on Debian and Ubuntu apt installs what is missing. Else Playwright downloads a Chromium, and the rest is named.
cd "$(dirname "$0")/../.." || exit 1
missing() { .venv/bin/python tests/support/chromium.py; }

packages=$(missing 2>/dev/null) && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  # shellcheck disable=SC2086 # one word is one package
  apt-get update && apt-get install -y --no-install-recommends $packages
  packages=$(missing 2>/dev/null) && exit 0
fi
case $packages in # one a line
  *libatomic1*) ;; # the download needs it too
  *chromium*) .venv/bin/python -m playwright install chromium ;;
esac
missing >/dev/null
