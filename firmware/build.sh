#!/bin/sh
# Builds the guest programs: build.sh [DIRECTORY]. Without a directory it replaces the committed ones.
# Needs GNU as and ld for x86_64.
set -eu

firmware=$(cd "$(dirname "$0")" && pwd)
output=${1:-"$firmware/src/main/resources/dev/kmemu/firmware"}
mkdir -p "$output"
output=$(cd "$output" && pwd)

targets_x86_64() {
  command -v "$1as" >/dev/null 2>&1 && command -v "$1ld" >/dev/null 2>&1 || return 1
  "$1as" --version 2>/dev/null | grep -q 'GNU assembler' || return 1
  "$1as" --version | grep -q "target of .x86_64"
}

prefix=none
for candidate in x86_64-linux-gnu- x86_64-redhat-linux- x86_64-elf- ''; do
  if targets_x86_64 "$candidate"; then
    prefix=$candidate
    break
  fi
done
if [ "$prefix" = none ]; then
  echo "build.sh: no GNU binutils for x86_64 found (apt-get install binutils-x86-64-linux-gnu," \
    "dnf install binutils-x86_64-linux-gnu, brew install x86_64-elf-binutils)" >&2
  exit 3
fi

objects=$(mktemp -d)
trap 'rm -rf "$objects"' EXIT

# The debug information names the sources by their path from the project's root.
cd "$firmware/src/main/asm"
for source in *.s; do
  "${prefix}as" --64 --gdwarf-5 --fatal-warnings \
    --debug-prefix-map "$(pwd)=firmware/src/main/asm" -o "$objects/${source%.s}.o" "$source"
done

link() {
  program=$1
  shift
  (cd "$objects" && "${prefix}ld" -nostdlib -static --build-id=none --fatal-warnings \
    -z max-page-size=0x1000 -z noexecstack -T "$firmware/src/main/asm/firmware.ld" \
    -e "${program}_start" -o "$output/$program.elf" "$@")
  chmod a-x "$output/$program.elf"
}
link selftest selftest.o boot_block.o memory.o unmapped.o exceptions.o descriptors.o report.o
link faultloop faultloop.o

# The benchmarks' kernels are position independent and flat: the first byte is the entry.
mkdir -p "$output/bench"
for source in bench/*.s; do
  kernel=$(basename "$source" .s)
  "${prefix}as" --64 --fatal-warnings -o "$objects/bench_$kernel.o" "$source"
  "${prefix}ld" --oformat binary -Ttext 0 -e 0 -o "$output/bench/$kernel.bin" \
    "$objects/bench_$kernel.o"
  chmod a-x "$output/bench/$kernel.bin"
done
