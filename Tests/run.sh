#!/usr/bin/env bash
# Runs the tests that are built, and says in a few lines how that ended: what failed, or the end of the log where no
# verdict came; the slowest twenty; what was left behind.
#
#   Tests/run.sh NAME [argument of swift test]...
#
# The log is .build-tests/NAME.log. With TARO_TEST_PROGRAMS=DIRECTORY the programs in there are tested instead of those that
# were built together with the tests.
set -uo pipefail
cd "$(dirname "$0")/.."
name=$1
shift
log=.build-tests/$name.log
durations=$PWD/.build-tests/$name.durations

# Where taro keeps what is its own on this machine: no test has any business there.
machine() {
  for place in /var/lib/taro* /run/taro* "$HOME/.local/share/taro" "$HOME/.cache/taro" /tmp/taro-spool-*; do
    [ -e "$place" ] && find "$place" -printf '%p %s %T@\n'
  done | sort
}

# Everything of the tests is in here, and others may make something there, as in /tmp.
# Not below /tmp: a test can have one of its own.
TMPDIR=$(mktemp -d "${TMPDIR:-/var/tmp}/taro-tests-XXXXXX")
chmod 1777 "$TMPDIR"
export TMPDIR
export TARO_TEST_DURATIONS=$durations
# The same numbers each time, for sets and dictionaries too.
export SWIFT_DETERMINISTIC_HASHING=1
: > "$durations"
chmod 666 "$durations"

before=$(machine)
started=$SECONDS
Tests/swift.sh test --skip-build --disable-xctest "$@" 2>&1 | tee "$log"
status=${PIPESTATUS[0]}
seconds=$((SECONDS - started))

echo
verdict=$(grep -aE 'Test run with [0-9]+ tests? .*(passed|failed) after' "$log" | tail -n 1)
if [ -z "$verdict" ]; then
  status=1
  echo "$name: no verdict; the log ends with:"
  tail -n 40 "$log"
elif [ "$status" != 0 ]; then
  echo "$name: what failed:"
  grep -aE -A 3 'recorded an issue' "$log" | cut -c 1-1000
fi
echo "$name: the slowest, in seconds:"
sort -rn "$durations" | head -n 20

after=$(machine)
if [ "$before" != "$after" ]; then
  status=1
  echo "$name: the tests have touched what is this machine's own:"
  diff <(echo "$before") <(echo "$after")
fi
# A test that fails keeps its files, and says so.
if [ "$status" = 0 ]; then
  left=$(find "$TMPDIR" -mindepth 1 -maxdepth 1 \( -name 'taro*' -o -name 'spawn-*' \))
  if [ -n "$left" ]; then
    status=1
    echo "$name: the tests have left behind:"
    find $left -ls | head -n 100
  fi
  rm -rf "$TMPDIR"
fi
echo "$name: ${verdict:-failed}, $seconds s, seed ${TARO_SEED:-the usual one}"
exit "$status"
