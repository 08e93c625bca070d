#!/usr/bin/env bash
# Keeps some of the inputs that campaigns found, for the tests: fuzz/keep.sh [NAME…], all fuzzers without a name.
# Of the small set that covers as much as all found inputs, in the order of their names, which are hashes: those of at
# most 2 kB, up to 24 of them and 10 kB for each reader. Seeds stay.
set -euo pipefail
cd "$(dirname "$0")"
if [ -d /dev/shm ]; then export TMPDIR=/dev/shm; fi
host=$(rustc -vV | sed -n 's/^host: //p')
if [ $# -eq 0 ]; then set -- $(cd corpus && ls); fi
for name; do
  cover=target/cover/$name
  rm -rf "$cover" && mkdir -p "$cover"
  "target/$host/release/$name" -set_cover_merge=1 "$cover" "target/found/$name" 2>/dev/null
  find "corpus/$name" -type f ! -name 'seed-*' -delete
  left=10000
  files=24
  for input in $(cd "$cover" && find . -type f -size -2049c | sort); do
    bytes=$(stat -c %s "$cover/$input")
    if [ "$bytes" -gt "$left" ] || [ "$files" -eq 0 ]; then break; fi
    left=$((left - bytes))
    files=$((files - 1))
    cp "$cover/$input" "corpus/$name/"
  done
done
