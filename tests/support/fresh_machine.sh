#!/bin/sh
# The README's two commands on a machine on which nobody prepared anything: an empty Debian (SUITE, else bookworm) with
# git, make and Python, in a folder of its own. Each argument is the ARGS of one `make test`; none means all tests.
# Needs root, mmdebstrap and .venv. Mirror, proxies, certificates and how pip reaches its servers are those of this machine.
set -eu
SUITE=${SUITE:-bookworm}
HERE=$(cd "$(dirname "$0")" && pwd)
CHECKOUT=$(cd "$HERE/../.." && pwd)
WITHIN=/srv/color-filter # the checkout's place in the empty Debian
PATIENCE_S=300

say() { echo "fresh $SUITE, $(($(date +%s) - STARTED)) s: $*"; }

# The address from which this machine's Debian gets that part of its release, if it is a Debian.
mirror() {
  . /etc/os-release
  apt-get indextargets --no-release-info --format '$(RELEASE) $(REPO_URI)' 2>/dev/null |
    sed -n "s/^${VERSION_CODENAME:-none}$1 //p" | head -n 1
}

bootstrap() {
  main=$(mirror "")
  security=$(mirror -security)
  { apt-config dump Acquire::http; apt-config dump Acquire::https; } >"$ROOT.conf"
  set --
  [ -z "$main" ] || set -- "deb $main $SUITE main"
  [ -z "$security" ] || set -- "$@" "deb $security $SUITE-security main"
  mmdebstrap --variant=minbase --include=git,make,python3,python3-venv --aptopt="$ROOT.conf" "$SUITE" "$ROOT" "$@" \
    2>"$ROOT.log" || { cat "$ROOT.log"; exit 1; }
}

carry_settings() {
  (cd "$CHECKOUT" && .venv/bin/python -m tests.support.pip_settings) >"$ROOT/etc/pip.conf"
  for path in /etc/resolv.conf /etc/hosts /etc/ssl/certs/ca-certificates.crt /usr/local/share/ca-certificates \
    $(sed -n 's/^cert = //p' "$ROOT/etc/pip.conf"); do
    [ -e "$path" ] || continue
    mkdir -p "$(dirname "$ROOT$path")"
    rm -rf "$ROOT$path"
    cp -rL "$path" "$ROOT$path"
  done
}

mount_system() {
  mount -t proc proc "$ROOT/proc"
  mount -t sysfs -o ro sysfs "$ROOT/sys"
  mount --bind /dev "$ROOT/dev"
  mount -t devpts -o newinstance,ptmxmode=0666 devpts "$ROOT/dev/pts"
  mount -t tmpfs tmpfs "$ROOT/dev/shm"
}

# A command in the checkout of the empty Debian, with only those variables that say how to reach the package servers;
# pip's own are in its pip.conf.
within() {
  for name in $(env | sed -nE 's/^(TEST_PATIENCE|SSL_[A-Z_]+|[A-Z_]+_CA_BUNDLE|NODE_EXTRA_CA_CERTS|[A-Za-z]+_(proxy|PROXY))=.*/\1/p'); do
    set -- "$name=$(printenv "$name")" "$@"
  done
  env -i HOME=/root LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    chroot "$ROOT" /usr/bin/env --chdir="$WITHIN" "$@"
}

answers() {
  within python3 -c "from urllib.request import urlopen; urlopen('http://127.0.0.1:$1/').read(); urlopen('http://127.0.0.1:$1/filter').read()" 2>/dev/null
}

try_run() {
  port=$(within python3 -c "import socket; s = socket.socket(); s.bind(('127.0.0.1', 0)); print(s.getsockname()[1])")
  asked=$(date +%s)
  within make run PORT="$port" &
  running=$!
  until answers "$port"; do
    kill -0 $running 2>/dev/null || { say "make run ended"; exit 1; }
    [ $(($(date +%s) - asked)) -lt $PATIENCE_S ] || { say "make run does not answer"; exit 1; }
    sleep 1
  done
  say "make run answers after $(($(date +%s) - asked)) s"
  kill $running
  wait $running || true
}

try_test() {
  within make --jobs 2 .venv/dev ffmpeg # as the first make test would, but at once
  for arguments in "$@"; do
    within make test ARGS="$arguments"
    say "make test $arguments: passed"
  done
}

if [ "${FRESH_ROOT:-}" ]; then # in namespaces of its own, with which all mounts and processes end
  ROOT=$FRESH_ROOT
  say "an empty Debian is being made"
  bootstrap
  carry_settings
  git clone --quiet "$CHECKOUT" "$ROOT$WITHIN"
  mount_system
  say "Debian $(cat "$ROOT/etc/debian_version"), $(within python3 --version), nothing else"
  try_run
  try_test "$@"
  exit 0
fi

[ "$(id -u)" = 0 ] || { echo "An empty Debian can only be made by root." >&2; exit 1; }
command -v mmdebstrap >/dev/null || { echo "An empty Debian is made by mmdebstrap; install the package mmdebstrap." >&2; exit 1; }
[ $# -gt 0 ] || set -- ""
folder=$(mktemp -d)
child=
clean() {
  [ -z "$child" ] || kill -9 "$child" 2>/dev/null || true
  [ -z "$child" ] || wait "$child" 2>/dev/null || true
  rm -rf --one-file-system "$folder"
}
trap clean EXIT
trap 'exit 1' INT TERM HUP
mkdir "$folder/root"
chmod 755 "$folder"
FRESH_ROOT=$folder/root STARTED=$(date +%s) SUITE=$SUITE unshare --mount --pid --fork --kill-child sh "$HERE/fresh_machine.sh" "$@" &
child=$!
wait $child
