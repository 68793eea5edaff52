#!/bin/bash
# Runs one command on a User-Mode-Linux kernel that has a simulated PTP clock, and ends with that command's exit status.
#   UML=/path/linux MOD=/path/phcsim.ko PRE=/path/a.ko,/path/b.ko [MODARGS=...] [MEM=256M] [LIMIT=300] [TT='2026-12-31 23:59:50'] boot.sh COMMAND...
# The guest sees this machine's files read-only (hostfs), with a fresh /run, /tmp and /dev/shm. With TT the guest's time is
# simulated: it starts then, stands still while code runs, and jumps ahead whenever every process sleeps.
# Status 125: the guest never came as far as the command.
set -u
: "${UML:?}" "${MOD:?}"
W=$(TMPDIR=/tmp mktemp -d)
trap 'rm -rf "$W"' EXIT
CWD=$PWD
printf '%q ' "$@" > "$W/cmd"
cat > "$W/init" <<I
#!/bin/sh
export PATH=$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/tmp
mount -t proc proc /proc; mount -t sysfs sys /sys
mount -t devtmpfs dev /dev 2>/dev/null; mkdir -p /dev/pts /dev/shm; mount -t devpts p /dev/pts; mount -t tmpfs s /dev/shm; mount -t tmpfs r /run
mkdir -p /run/w; mount -t hostfs -o "$W" none /run/w
mount -t tmpfs t /tmp; chmod 1777 /tmp /dev/shm; mkdir -p "$W" "$CWD"; mount --bind /run/w "$W"
case "$CWD" in /tmp|/tmp/*) mount -t hostfs -o "$CWD",ro none "$CWD" 2>/dev/null;; esac
ip link set lo up 2>/dev/null
for m in $(echo "${PRE:-}" | tr , ' '); do insmod /run/w/\$(basename \$m) || echo "insmod \$m failed"; done
insmod /run/w/$(basename "$MOD") ${MODARGS:-} || echo "insmod phcsim failed"
[ -e /sys/bus/netdevsim/new_device ] && echo "1 1" > /sys/bus/netdevsim/new_device
# UML maps io_uring's rings wrongly and then falls over; libuv does without them.
[ -e /proc/sys/kernel/io_uring_disabled ] && echo 2 > /proc/sys/kernel/io_uring_disabled
export NO_COLOR=1 MOMENTD_RIG=1 MOMENTD_RIG_MODULE=/run/w/$(basename "$MOD") MOMENTD_RIG_MODARGS="${MODARGS:-}" MOMENTD_RIG_VIRTUAL="${TT:+1}"
export MOMENTD_RIG_TOOLS=/run/w MOMENTD_RIG_SECONDS="${RIG_SECONDS:-}"
cd "$CWD"; sh "$W/cmd"; echo \$? > /run/w/status
sync; busybox poweroff -f
I
chmod +x "$W/init"
for f in $(echo "${PRE:-}" | tr , ' ') "$MOD" ${TOOLS:-}; do cp "$f" "$W/"; done
TTARG=
[ -n "${TT:-}" ] && TTARG="time-travel=inf-cpu time-travel-start=$(date -u -d "$TT" +%s)000000000"
[ -w /dev/shm ] && export TMPDIR=/dev/shm # where the guest's memory file goes: a tmpfs is faster
# shellcheck disable=SC2086
timeout "${LIMIT:-300}" env LD_PRELOAD="${PRELOAD:-}" "$UML" $TTARG uml_dir="$W/" mem="${MEM:-256M}" rootfstype=hostfs rootflags=/ ro init="$W/init" \
  con=null con0=fd:0,fd:1 quiet < /dev/null 2> "$W/err" | grep --line-buffered -vE '^(reboot: Power down|.*reboot: System halted|SELinux: |mmapper_init - |Failed to initialize ubd device)'
[ -f "$W/status" ] || {
  tail -n 20 "$W/err" >&2
  exit 125
}
exit "$(cat "$W/status")"
