#!/bin/bash
# The quick kernel: Debian's own User-Mode Linux, and phcsim.ko built for it. Real time only.
#   kernel-debian.sh WORKDIR       prints the variables boot.sh needs; a second call with the same WORKDIR only prints them
# Fetches about 180 MB by apt. The kernel binary stays in WORKDIR: it is GPL-2.0 and no part of this project.
set -eu
HERE=$(cd "$(dirname "$0")" && pwd)
W=$(mkdir -p "$1" && cd "$1" && pwd)

if [ ! -e "$W/prepared" ]; then
  rm -rf "$W"/debs "$W"/uml "$W"/src "$W"/linux-source-* "$W"/build
  mkdir -p "$W/debs" "$W/build" && cd "$W/debs"
  apt-get -o APT::Sandbox::User=root download -qq user-mode-linux
  dpkg -x user-mode-linux_*.deb "$W/uml"
  V=$(ls "$W/uml/usr/lib/uml/modules") # say 6.1.176
  SERIES=$(echo "$V" | cut -d. -f1-2)
  apt-get -o APT::Sandbox::User=root download -qq "linux-source-$SERIES=$V-1" ||
    apt-get -o APT::Sandbox::User=root download -qq "linux-source-$SERIES"
  dpkg -x linux-source-*.deb "$W/src"
  tar xf "$W"/src/usr/src/linux-source-*.tar.xz -C "$W"
  zcat "$W/uml/usr/share/doc/user-mode-linux/config.gz" > "$W/build/.config"
  make -s -C "$W/linux-source-$SERIES" ARCH=um O="$W/build" olddefconfig modules_prepare
  touch "$W/prepared"
fi

if ! cmp -s "$HERE/phcsim.c" "$W/mod/phcsim.c"; then
  mkdir -p "$W/mod" && cp "$HERE/phcsim.c" "$W/mod/" && echo 'obj-m += phcsim.o phcsim2.o phcsim3.o phcsim4.o' > "$W/mod/Kbuild"
  # A module is loaded once: four clocks are one source under four names.
  for n in 2 3 4; do echo '#include "phcsim.c"' > "$W/mod/phcsim$n.c"; done
  # The binary package has no Module.symvers, so unresolved symbols are only warnings here; insmod is the judge.
  make -s -C "$W/build" ARCH=um M="$W/mod" KBUILD_MODPOST_WARN=1 modules 2> "$W/mod/log" || { cat "$W/mod/log" >&2; rm -f "$W/mod/phcsim.c"; exit 1; }
fi
V=$(ls "$W/uml/usr/lib/uml/modules")
M=$W/uml/usr/lib/uml/modules/$V/kernel/drivers
echo "UML=$W/uml/usr/bin/linux.uml PRE=$M/pps/pps_core.ko,$M/ptp/ptp.ko MOD=$W/mod/phcsim.ko"
