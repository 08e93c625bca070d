#!/usr/bin/env bash
# Runs fuzzers for some seconds each: fuzz/run.sh SECONDS [NAME…], all of them without a name. A finding stops the
# script and lies in fuzz/artifacts/NAME. What is found on the way stays in fuzz/target/found/NAME; the committed
# corpora are only read.
#
# Stable Rust and no cargo-fuzz: the flags are the ones that `cargo fuzz run --sanitizer none` gives to the compiler.
set -euo pipefail
cd "$(dirname "$0")"
seconds=${1:?usage: fuzz/run.sh SECONDS [NAME…]}
shift

host=$(rustc -vV | sed -n 's/^host: //p')
level=-Cllvm-args=-sanitizer-coverage
export RUSTFLAGS="-Cpasses=sancov-module $level-level=4 $level-inline-8bit-counters $level-pc-table $level-trace-compares --cfg fuzzing"
# With a target the flags are not those of build scripts and macros.
CARGO_TARGET_DIR=target cargo build --release --bins --target "$host"

# Keys and run directories are files: in memory, where that is a folder.
if [ -d /dev/shm ]; then export TMPDIR=/dev/shm; fi
if [ $# -eq 0 ]; then set -- $(cd corpus && ls); fi
for name; do
  found=target/found/$name
  mkdir -p "$found" "artifacts/$name"
  echo "== $name"
  # Bounds: 10 s for one input; 64 MiB beside what the process has (src/bounds.rs), and 1 GiB for the process with
  # all inputs of the campaign.
  "target/$host/release/$name" "$found" "corpus/$name" -artifact_prefix="artifacts/$name/" \
    -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 -max_len=65536 -print_final_stats=1 2>&1 |
    grep -E "^(stat::number_of|stat::average|stat::peak|==|Done|thread|SUMMARY|artifact)|panicked|ERROR|memory allocation"
done
