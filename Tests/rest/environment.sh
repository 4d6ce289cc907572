#!/usr/bin/env bash
# Makes the virtual environment of these tests, once for each requirements.txt, and prints its directory. Who comes
# meanwhile waits; what somebody who was killed has left is made anew.
set -euo pipefail
cd "$(dirname "$0")"
mkdir -p ../../.build
place=$(realpath ../../.build)/rest-$(sha256sum requirements.txt | cut -c 1-12)
exec 9> "$place.lock"
flock 9
if [ ! -e "$place/complete" ]; then
  rm -rf "$place"
  python3 -m venv "$place"
  "$place/bin/python" -m pip --quiet --disable-pip-version-check install -r requirements.txt >&2
  touch "$place/complete"
fi
echo "$place"
