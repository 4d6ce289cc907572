#!/bin/sh
# Swift with the options that the tests are built by: without optimization, so that assertions hold, but as a release, for
# the debug build of swift-argument-parser checks all commands and options anew at each start: 40 of 56 ms, some
# ten thousand times.
#
#   Tests/swift.sh build|test [argument]...
cd "$(dirname "$0")/.." || exit
command=$1
shift
exec swift "$command" -c release --scratch-path .build-tests -Xswiftc -Onone -Xswiftc -no-whole-module-optimization \
  -Xswiftc -enable-testing "$@"
