#!/usr/bin/env bash
# Runs a test binary on an emulated processor with AVX-512 IFMA and VBMI2: boots Linux in Bochs with
# the binary, shows what it prints, exits as it does, and fails if it finds no VBMI2. Slow, some
# 30 million instructions a second. A runner for cargo:
#
#   export CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUNNER=$PWD/prover/kernels/emulator/run.sh
#   cargo test --release -p zkmargin-kernels --lib -- simd:: field:: --nocapture
#
# Only the kernels of AVX-512 run: Bochs 2.7 loses the difference where a fused multiplication and
# addition of doubles cancels, on which those of AVX2 rely.
#
# On Debian, with: bochs bochs-term busybox-static cpio grub-common grub-pc-bin mtools xorriso.
# The kernel is KERNEL, or Debian's for virtual machines, downloaded by apt-get.
set -euo pipefail

binary=$(realpath "$1")
shift
directory=$(mktemp -d)
trap '{ kill -KILL $(jobs -p); wait; } 2>/dev/null || true; rm -rf "$directory"' EXIT
trap 'exit 1' INT TERM
mkdir -p "$directory"/{root/{bin,dev,proc},iso/boot/grub,kernel}

if [ -z "${KERNEL:-}" ]; then
  cd "$directory/kernel"
  package=$(apt-cache depends linux-image-cloud-amd64 | sed -n 's/ *Depends: //p' | head -n 1)
  apt-get download -q "$package" >/dev/null 2>&1
  dpkg-deb -x ./*.deb .
  KERNEL=$(echo "$PWD"/boot/vmlinuz-*)
fi
cp "$KERNEL" "$directory/iso/boot/vmlinuz"

# The guest's files: busybox, the binary, its libraries where its loader looks for them.
cd "$directory/root"
cp /bin/busybox bin/
cp "$binary" binary
{ ldd "$binary" 2>&1 || true; } | sed -n 's/[^/]*\(\/[^ ]*\) (.*/\1/p' | xargs -rI{} install -D {} ./{}
cat > init <<END
#!/bin/busybox sh
/bin/busybox mount -t devtmpfs dev /dev
/bin/busybox mount -t proc proc /proc
/bin/busybox grep -m 1 'model name' /proc/cpuinfo
/bin/busybox grep -m 1 -o avx512_vbmi2 /proc/cpuinfo
export ZKMARGIN_KERNELS=avx512-ifma
/binary$(printf ' %q' "$@")
echo "status \$?"
/bin/busybox sleep 1
/bin/busybox poweroff -f
END
chmod +x init
find . | cpio --quiet -o -H newc > ../iso/boot/files

# What Bochs says of the layout of the state that it saves in compact form contradicts itself:
# with xsaves, xsavec and pku Linux would turn AVX off. With the others it does not finish its start.
cat > "$directory/iso/boot/grub/grub.cfg" <<END
set timeout=0
menuentry test {
  linux /boot/vmlinuz console=ttyS0 loglevel=1 clearcpuid=xsaves,xsavec,pku,aperfmperf,tsc_deadline_timer,umip,fsrm nox2apic nopcid mitigations=off panic=-1 reboot=triple
  initrd /boot/files
}
END

cd "$directory"
grub-mkrescue -o disk.iso iso 2>/dev/null
cat > bochsrc <<END
cpu: model=corei7_icelake_u, ips=50000000, reset_on_triple_fault=0
megs: 1024
romimage: file=/usr/share/bochs/BIOS-bochs-latest
vgaromimage: file=/usr/share/bochs/VGABIOS-lgpl-latest
ata0-master: type=cdrom, path=disk.iso, status=inserted
boot: cdrom
com1: enabled=1, mode=file, dev=console
display_library: term
plugin_ctrl: speaker=0
sound: driver=dummy
panic: action=fatal
log: bochs.log
END
# Debian's Bochs begins in its debugger: "c" to go on.
echo c > commands
touch console
tail -f console &
TERM=xterm bochs -f bochsrc -rc commands </dev/null >screen 2>&1 &
wait $! || true
sleep 1

if ! grep -q avx512_vbmi2 console; then
  echo "AVX-512 VBMI2 was not found" >&2
  exit 1
fi
status=$(tr -d '\r' < console | sed -n 's/^status \([0-9]*\)$/\1/p')
[ -n "$status" ] || tail -n 20 bochs.log >&2
exit "${status:-1}"
