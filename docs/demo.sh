#!/bin/sh
# A backup of the C headers of this machine, run through taro, and what taro then knows of it.
#
#   docs/demo.sh [TARO [LEDGER]]
#
# Nothing stays but LEDGER.
set -eu
taro=$(realpath "${1:-taro}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export TARO_LEDGER="${2:-$work/ledger}"
cat > "$work/backup.sh" <<'SCRIPT'
#!/bin/sh
# Names what it packs on stderr, then reads the archive back and names what is in it on stdout.
set -e
tar --create --gzip --verbose --file - -C / usr/include > "$1"
tar --list --file "$1"
echo "$(tar --list --file "$1" | wc -l) files in $(stat -c %s "$1") bytes"
SCRIPT
chmod +x "$work/backup.sh"

show() {
  printf '\n$ %s\n' "$*"
  "$@"
}
taro() { "$taro" "$@"; }

printf '$ taro exec --id backup ./backup.sh headers.tar.gz > backup.out 2> backup.err &\n'
"$taro" exec --id backup "$work/backup.sh" "$work/headers.tar.gz" \
  > "$work/backup.out" 2> "$work/backup.err" &
"$taro" wait backup -s running --past > "$work/wait"
show taro ps
wait
printf '\n$ wc -l backup.out backup.err\n'
(cd "$work" && wc -l backup.out backup.err)
show taro hist
show taro tail -n 3 backup
show taro tail -n 3 --stderr backup
show taro show -n 3 backup

printf '\n$ taro output --stdout backup | cmp - backup.out && echo the same, byte for byte\n'
"$taro" output --stdout backup | cmp - "$work/backup.out" && echo the same, byte for byte
"$taro" output --stderr backup | cmp - "$work/backup.err"

printf '\nIn a browser: make serve serves this ledger, and taro page shows your own once taro is installed.\n'
