#!/bin/bash
# boot.sh [RUNS] - time a boot of Debian's cloud kernel on kmemu and on QEMU, by turns.
#   RUNS    boots of each (5)
# Environment: KERNEL, BUSYBOX (the guest images' by default); RAM (256, MiB); QEMU (qemu-system-x86_64)
# QEMU runs without KVM and with the devices that kmemu has: PICs, timer, clock, UART; no APIC in CPUID.
# Output: for each run the seconds from the start of the process to the first line of user space and to the
# end, and the largest resident set beyond guest RAM in MiB; then the medians and their ratios.
set -euo pipefail
runs=${1:-5}
root=$(cd -- "$(dirname -- "$0")/../.." && pwd -P)
: "${RAM:=256}" "${QEMU:=qemu-system-x86_64}"
command -v "$QEMU" >/dev/null || { echo "boot.sh: $QEMU isn't there (apt install qemu-system-x86)" >&2; exit 3; }
images=$(sh "$root/launcher/guest-images")
: "${KERNEL:=$(find "$images" -name 'vmlinuz-*cloud*' | sort | head -1)}"
: "${BUSYBOX:=$(find "$images" -name busybox -type f | head -1)}"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/tree/{bin,dev,proc}
cp "$BUSYBOX" "$work/tree/bin/busybox"
chmod 755 "$work/tree/bin/busybox"
cat >"$work/tree/init" <<'INIT'
#!/bin/busybox sh
/bin/busybox mount -t devtmpfs dev /dev
exec >/dev/ttyS0 2>&1
echo user space
/bin/busybox dd if=/dev/zero bs=1M count=64 2>/dev/null | /bin/busybox md5sum
/bin/busybox reboot -f
INIT
chmod 755 "$work/tree/init"
(cd "$work/tree" && find . | "$BUSYBOX" cpio -o -H newc 2>/dev/null) >"$work/initrd"
append='console=ttyS0 panic=-1'

# measure NAME COMMAND... - appends "MARKER END MEMORY" to NAME's results.
measure() {
  local name=$1 began marker='' peak=0 now
  shift
  began=$(date +%s%N)
  "$@" >"$work/log" 2>"$work/err" </dev/null &
  local pid=$!
  while kill -0 "$pid" 2>/dev/null; do
    if [ -z "$marker" ] && grep -q '^user space' "$work/log"; then marker=$(date +%s%N); fi
    now=$(awk '/VmHWM/ { print $2 }' "/proc/$pid/status" 2>/dev/null || true)
    if [ -n "$now" ] && [ "$now" -gt "$peak" ]; then peak=$now; fi
    sleep 0.02
  done
  wait "$pid" || true
  now=$(date +%s%N)
  if [ -z "$marker" ] || ! grep -q 7f614da9329cd3aebf59b91aadc30bf0 "$work/log"; then
    echo "boot.sh: $name didn't get to the end of user space:" >&2
    tail -5 "$work/log" "$work/err" >&2
    exit 1
  fi
  awk -v b="$began" -v m="$marker" -v e="$now" -v p="$peak" -v r="$RAM" -v n="$name" \
    'BEGIN { printf "%s\t%.2f\t%.2f\t%d\n", n, (m-b)/1e9, (e-b)/1e9, p/1024-r }' | tee -a "$work/results"
}

median() {
  awk -v n="$1" -v c="$2" '$1 == n { print $c }' "$work/results" | sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

"$root/kmemu" setup >/dev/null
printf 'which\tuser space s\tend s\tMiB beyond RAM\n'
for ((i = 0; i < runs; i++)); do
  measure kmemu "$root/kmemu" boot "$KERNEL" --initrd "$work/initrd" --append "$append" --ram "${RAM}M" --timeout 300
  measure qemu "$QEMU" -M microvm,acpi=off,rtc=on,pic=on,pit=on,isa-serial=on -cpu qemu64,-apic -accel tcg -smp 1 \
    -m "$RAM" -nodefaults -no-reboot -display none -serial stdio -kernel "$KERNEL" -initrd "$work/initrd" -append "$append reboot=t"
done
for column in 2:'user space' 3:end; do
  k=$(median kmemu "${column%%:*}") q=$(median qemu "${column%%:*}")
  awk -v k="$k" -v q="$q" -v w="${column#*:}" 'BEGIN { printf "%s: %.2f s, QEMU %.2f s, ratio %.2f\n", w, k, q, k/q }'
done
printf 'memory beyond RAM: %d MiB, QEMU %d MiB\n' "$(median kmemu 4)" "$(median qemu 4)"
