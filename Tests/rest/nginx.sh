#!/usr/bin/env bash
# Debian's nginx, once, and prints where the program is. It is not installed: as a service it would take port 80 at once.
set -euo pipefail
cd "$(dirname "$0")"
mkdir -p ../../.build
place=$(realpath ../../.build)/nginx
exec 9> "$place.lock"
flock 9
if [ ! -e "$place/complete" ]; then
  rm -rf "$place"
  mkdir "$place"
  cd "$place"
  # Where there are no lists of packages yet, or old ones.
  apt-get download -qq nginx >&2 || {
    ${SUDO-$([ "$(id -u)" = 0 ] || echo sudo)} apt-get update -q >&2
    apt-get download -qq nginx >&2
  }
  dpkg --extract nginx_*.deb .
  touch complete
fi
echo "$place/usr/sbin/nginx"
