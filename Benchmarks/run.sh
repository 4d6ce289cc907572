#!/bin/sh
# Builds what is needed and measures; names of benchmarks as arguments, all by default.
set -eu
cd "$(dirname "$0")/.."
swift build -c release --scratch-path .build-static -Xswiftc -static-executable --product ledger-worker
swift build -c release --package-path Benchmarks --scratch-path .build-benchmarks
bin=.build-benchmarks/release
exec "$bin/taro-bench" "$PWD/.build-static/release/taro" "$PWD/.build-static/release/ledger-worker" "$PWD/$bin" "$@"
