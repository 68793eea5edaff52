#!/bin/bash
# The thorough kernel: a small User-Mode Linux 6.12 of our own configuration, with simulated time, PTP_SYS_OFFSET_EXTENDED on
# CLOCK_MONOTONIC_RAW, per-descriptor edge queues, and the kernel's own mock clock. Builds in six to eight minutes on two cores.
#   kernel-small.sh WORKDIR        prints the variables boot.sh needs; a second call with the same WORKDIR only prints them
set -eu
HERE=$(cd "$(dirname "$0")" && pwd)
W=$(mkdir -p "$1" && cd "$1" && pwd)

if ! cmp -s "$HERE/small.config" "$W/prepared"; then
  [ -e "$W/debs" ] || "$HERE/apt-side.sh" "$W" bookworm-backports linux-source-6.12
  if [ ! -d "$W/linux-source-6.12" ]; then
    dpkg -x "$W"/debs/linux-source-6.12_*.deb "$W/src"
    tar xf "$W/src/usr/src/linux-source-6.12.tar.xz" -C "$W"
  fi
  mkdir -p "$W/build"
  make -s -C "$W/linux-source-6.12" ARCH=um O="$W/build" KCONFIG_ALLCONFIG="$HERE/small.config" allnoconfig
  make -s -C "$W/build" ARCH=um -j"$(nproc)"
  strip -o "$W/linux-uml" "$W/build/linux"
  cp "$HERE/small.config" "$W/prepared"
fi

if ! cmp -s "$HERE/phcsim.c" "$W/mod/phcsim.c"; then
  mkdir -p "$W/mod" && cp "$HERE/phcsim.c" "$W/mod/" && echo 'obj-m += phcsim.o phcsim2.o phcsim3.o phcsim4.o' > "$W/mod/Kbuild"
  # A module is loaded once: four clocks are one source under four names.
  for n in 2 3 4; do echo '#include "phcsim.c"' > "$W/mod/phcsim$n.c"; done
  make -s -C "$W/build" ARCH=um M="$W/mod" modules 2> "$W/mod/log" || { cat "$W/mod/log" >&2; rm -f "$W/mod/phcsim.c"; exit 1; }
fi
echo "UML=$W/linux-uml PRE= MOD=$W/mod/phcsim.ko"
