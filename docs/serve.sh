#!/bin/sh
# Serves the ledger of the demo (docs/demo.sh) and a job that goes on, until Ctrl-C; says what to try.
#
#   docs/serve.sh TARO TAROS [PORT]
set -eu
taro=$(realpath "$1")
taros=$(realpath "$2")
port=${3:-8000}
work=$(mktemp -d)
children=
finish() {
  trap '' INT TERM
  [ -z "$children" ] || kill $children 2>/dev/null || true
  wait
  rm -rf "$work"
}
trap finish EXIT
trap 'exit 0' INT TERM
export TARO_LEDGER="$work/ledger"

"$(dirname "$0")/demo.sh" "$taro" "$TARO_LEDGER" > "$work/demo.out"
"$taro" exec --id clock sh -c 'while date; do sleep 1; done' > "$work/clock.out" &
children="$!"
"$taros" --bind "127.0.0.1:$port" --socket "$work/taros.sock" &
children="$children $!"
curl -sf --retry 100 --retry-delay 1 --retry-connrefused -o "$work/ready" "http://127.0.0.1:$port/readyz"

server="http://127.0.0.1:$port"
printf '\n$ curl -s %s/instances\n' "$server"
curl -sS "$server/instances"
cat <<TEXT


It goes on until Ctrl-C. In another terminal, as the same user:

  a browser at $server/
  curl -s '$server/instances?include=all'
  curl -s '$server/instances/backup/output?lines=3'
  curl -sN '$server/instances/clock/output?follow'
  curl -sN -H 'Accept: text/event-stream' '$server/events'
  curl -s -X POST '$server/instances/clock/stop?wait=5s'
  curl -s '$server/metrics'
  curl -s --unix-socket $work/taros.sock http://localhost/ledger
TEXT
wait
