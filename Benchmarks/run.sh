#!/bin/sh
# Builds what is needed and measures; names of benchmarks as arguments, all by default. `taros` is the server's figures,
# and may be followed by names of them (taros/bench.py); they need nginx-light, wrk, curl and python3-venv. `forensics` makes
# 1,000,000 runs and 10 GB of output (TARO_BENCH_RUNS, TARO_BENCH_GB: fewer), and has ripgrep beside it where that is installed.
# `taroc` is the client's (taroc/bench.py), which needs openssh-server and root.
set -eu
cd "$(dirname "$0")/.."
if [ "${1:-}" = taroc ]; then
  shift
  for product in taro taroc; do
    swift build -c release --scratch-path .build-static -Xswiftc -static-executable --product $product
  done
  exec python3 Benchmarks/taroc/bench.py .build-static/release/taro .build-static/release/taroc "$@"
fi
swift build -c release --scratch-path .build-static -Xswiftc -static-executable --product ledger-worker
swift build -c release --package-path Benchmarks --scratch-path .build-benchmarks
bin=.build-benchmarks/release
static="$PWD/.build-static/release"
if [ "${1:-}" != taros ]; then
  "$bin/taro-bench" "$static/taro" "$static/ledger-worker" "$PWD/$bin" "$@"
  [ $# = 0 ] || exit 0
else
  shift
fi
swift build -c release --scratch-path .build-static -Xswiftc -static-executable --product taros
python=.build-benchmarks/python
"$python/bin/python" -c "import bottle" 2>/dev/null ||
  { python3 -m venv "$python" && "$python/bin/pip" install -q bottle==0.13.4; }
exec "$python/bin/python" Benchmarks/taros/bench.py "$static/taro" "$static/taros" "$static/ledger-worker" \
  "$PWD/$bin/sse-listeners" "$@"
