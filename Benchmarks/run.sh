#!/bin/sh
# Builds what is needed and measures; names of benchmarks as arguments, all of taro's and the server's by default.
#
#   taros [NAME]...   the server's (taros/bench.py); needs nginx-light, wrk, curl and python3-venv
#   taroc [NAME]...   the client's (taroc/bench.py); needs openssh-server and root
#   page [NAME]...    the page's (page/bench.py); needs chromium and chromium-driver
#   forensics         makes 1,000,000 runs and 10 GB of output (TARO_BENCH_RUNS, TARO_BENCH_GB: fewer); has ripgrep beside it where
#                     that is installed
set -eu
cd "$(dirname "$0")/.."
static="$PWD/.build-static/release"
bin="$PWD/.build-benchmarks/release"
python=.build-benchmarks/python

build() {
  for product; do
    swift build -c release --scratch-path .build-static -Xswiftc -static-executable --product "$product"
  done
}

build taro
case "${1:-}" in
taroc)
  shift
  build taroc ledger-worker
  exec python3 Benchmarks/taroc/bench.py "$static/taro" "$static/taroc" "$static/ledger-worker" "$@"
  ;;
page)
  shift
  build taros ledger-worker
  exec python3 Benchmarks/page/bench.py "$static" "$@"
  ;;
esac
build ledger-worker
swift build -c release --package-path Benchmarks --scratch-path .build-benchmarks
if [ "${1:-}" != taros ]; then
  "$bin/taro-bench" "$static/taro" "$static/ledger-worker" "$bin" "$@"
  [ $# = 0 ] || exit 0
else
  shift
fi
build taros
"$python/bin/python" -c "import bottle" 2>/dev/null ||
  { python3 -m venv "$python" && "$python/bin/pip" install -q bottle==0.13.4; }
exec "$python/bin/python" Benchmarks/taros/bench.py "$static/taro" "$static/taros" "$static/ledger-worker" \
  "$bin/sse-listeners" "$@"
