#!/usr/bin/env bash
# Packages of Debian that are unpacked and not installed: as services they would listen at once, nginx at port 80, sshd at
# port 22. Prints the directory; the first package names it.
#
#   Tests/unpacked.sh PACKAGE [PACKAGE]...
set -euo pipefail
cd "$(dirname "$0")"
mkdir -p ../.build
place=$(realpath ../.build)/$1
exec 9> "$place.lock"
flock 9
if [ ! -e "$place/complete" ]; then
  rm -rf "$place"
  mkdir "$place"
  cd "$place"
  download() { apt-get download -qq -o "APT::Sandbox::User=$(id -un)" "$@" >&2; }
  # Where there are no lists of packages yet, or old ones.
  download "$@" || {
    ${SUDO-$([ "$(id -u)" = 0 ] || echo sudo)} apt-get update -q >&2
    download "$@"
  }
  for package in *.deb; do dpkg --extract "$package" .; done
  touch complete
fi
echo "$place"
