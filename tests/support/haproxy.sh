#!/bin/sh
# Finds HAProxy for the tests of deploy/: an installed one, else apt's when root.
PATH=$PATH:/usr/sbin
found() { command -v haproxy >/dev/null; }

found && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  apt-get update && apt-get install -y haproxy
  found && exit 0
fi
echo "No HAProxy could be found or installed; the tests of deploy/ need one. Install the package haproxy and try again." >&2
exit 1
