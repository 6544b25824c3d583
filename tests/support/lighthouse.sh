#!/bin/sh
# Sees to Lighthouse in .venv/lighthouse: with the npm that is there, or as root on Debian and Ubuntu with apt's.
# Version 12 runs on the Node of Debian 12.
VERSION=12.8.2
cd "$(dirname "$0")/../.." || exit 1
folder=.venv/lighthouse
grep -qs "\"version\": \"$VERSION\"" $folder/node_modules/lighthouse/package.json && exit 0
if ! command -v npm >/dev/null && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  apt-get update && apt-get install -y --no-install-recommends nodejs npm
fi
if ! command -v npm >/dev/null; then
  echo "There is no npm, which installs Lighthouse. On Debian and Ubuntu the package npm has it." >&2
  exit 1
fi
mkdir -p $folder && npm install --prefix $folder --no-audit --no-fund --ignore-scripts --loglevel error "lighthouse@$VERSION"
