#!/usr/bin/env bash
# Asks servers of ledgers what schema/openapi.json describes, and much that it does not, and compares the answers with it:
# all checks of schemathesis, for reading, and then for changing. It asks for the same each time.
#
#   Tests/rest/schemathesis.sh URL...
#
#   TARO_TOKEN         the token to show. Without one, for loopback and the same user, it is not asked whether others
#                      are let in
#   TARO_TLS_VERIFY    the authority of the server's certificate, a PEM file
#   TARO_INSTANCE      what to take for {id} besides what the server lists and what cannot be: the id of a job that is
#                      started again and again has always a live instance
#   TARO_JOB           the same for {job}
#   TARO_REST_PATHS    a regular expression: these paths alone
#   TARO_SEED          other questions; make faults draws them
#   TARO_REST_SECONDS  how long each of the two may take, 240: ten times what they take on an idle machine
#
# limits.requests of the server should be out of the way. Its ledger should be one that may be changed. Ends with 0 when
# nothing was found.
set -uo pipefail
cd "$(dirname "$0")"
[ $# -gt 0 ] || { echo "usage: schemathesis.sh URL..." >&2; exit 64; }
environment=$(./environment.sh) || exit
work=$(mktemp -d "${TMPDIR:-/var/tmp}/taro-rest-XXXXXX")
trap 'rm -rf "$work"' EXIT

cp schemathesis.toml "$work"
"$environment/bin/python" - ../../schema/openapi.json "$work/openapi.json" << 'PROGRAM' || exit
import json, os, sys
description = json.load(open(sys.argv[1]))
for name, variable in (("Id", "TARO_INSTANCE"), ("Job", "TARO_JOB")):
    if os.environ.get(variable):
        description["components"]["parameters"][name]["example"] = os.environ[variable]
json.dump(description, open(sys.argv[2], "w"))
PROGRAM
options=(run --checks all --mode all --max-examples 20 --no-shrink --request-timeout 20 --continue-on-failure)
if [ -n "${TARO_SEED:-}" ]; then
  options+=(--seed "$TARO_SEED")
else
  options+=(--generation-deterministic)
fi
if [ -n "${TARO_TOKEN:-}" ]; then
  # Not in the arguments, which everybody on the host may read.
  printf '\n[auth.openapi.token]\nbearer = "${TARO_TOKEN}"\n' >> "$work/schemathesis.toml"
else
  options+=(--exclude-checks ignored_auth)
fi
[ -z "${TARO_TLS_VERIFY:-}" ] || options+=(--tls-verify "$(realpath "$TARO_TLS_VERIFY")")

[ -z "${TARO_REST_PATHS:-}" ] || options+=(--include-path-regex "$TARO_REST_PATHS")

cd "$work" || exit
status=0
for url in "$@"; do
  for round in reading changing; do
    case $round in
      reading) only=(--exclude-method POST --exclude-method PUT --exclude-method DELETE) ;;
      changing) only=(--exclude-method GET) ;;
    esac
    timeout --kill-after 10 "${TARO_REST_SECONDS:-240}" \
      "$environment/bin/schemathesis" --config-file schemathesis.toml "${options[@]}" "${only[@]}" --url "$url" \
      openapi.json > log 2>&1
    code=$?
    if [ "$code" = 0 ]; then
      echo "schemathesis, $round, $url: nothing found, $(grep -aoE '[0-9]+ generated' log | tail -n 1)"
    else
      status=1
      echo "schemathesis, $round, $url: ended with $code$([ "$code" != 124 ] || echo ', not done in time')"
      tail -n 400 log
    fi
  done
done
exit "$status"
