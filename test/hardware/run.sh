#!/bin/bash
# Runs the hardware tests on a real kernel with a PTP clock, a PPS and a Time Card's sysfs, without any of them being here.
#   bash test/hardware/run.sh                  Debian's User-Mode Linux, real time, about a minute cold and 30 s warm
#   bash test/hardware/run.sh --small          our own 6.12 kernel (built once, 6 to 8 minutes), real time
#   bash test/hardware/run.sh --virtual        the same kernel in simulated time: ten minutes of pulses in seconds
#   bash test/hardware/run.sh --network --short  the same with two faults at a time, as CI runs it
#   bash test/hardware/run.sh --bench          the addon's bracket against a C program's
#   bash test/hardware/run.sh --network        four validators of one network, each with a kernel clock, through faults
#   bash test/hardware/run.sh -- COMMAND...    any command in the guest
# Needs: gcc make flex bison bc xz-utils kmod busybox-static dpkg apt. Keeps its kernels in ${XDG_CACHE_HOME:-~/.cache}/momentd-rig.
set -eu
HERE=$(cd "$(dirname "$0")" && pwd)
ROOT=$(cd "$HERE/../.." && pwd)
CACHE=${MOMENTD_RIG_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/momentd-rig}
MODE=debian
SHORT=
COMMAND=()
while [ $# -gt 0 ]; do
  case $1 in
    --small) MODE=small ;;
    --virtual) MODE=small TT=${TT:-'2026-12-01 12:00:00'} ;;
    --short) SHORT=--short ;;
    --network) COMMAND=(node test/hardware/network/run.ts) MEM=${MEM:-1536M} LIMIT=${LIMIT:-1200} ;;
    --bench) COMMAND=(node bench/phc.ts) ;;
    --) shift && COMMAND=("$@") && break ;;
    *) echo "run.sh: unknown option $1" >&2 && exit 2 ;;
  esac
  shift
done

MISSING=
for tool in gcc make flex bison bc xz insmod busybox dpkg apt-get; do command -v $tool > /dev/null || PATH=$PATH:/sbin:/usr/sbin command -v $tool > /dev/null || MISSING="$MISSING $tool"; done
if [ -n "$MISSING" ]; then
  echo "hardware rig: missing$MISSING; apt-get install gcc make flex bison bc xz-utils kmod busybox-static" >&2
  exit 2
fi

mkdir -p "$CACHE"
exec 9> "$CACHE/lock" && flock 9 # one build at a time; the guests themselves do not mind each other
VARS=$(bash "$HERE/rig/kernel-$MODE.sh" "$CACHE/$MODE" 2> "$CACHE/$MODE.log" | tail -1) || { tail -20 "$CACHE/$MODE.log" >&2 && exit 1; }
[ -n "$VARS" ] || { tail -20 "$CACHE/$MODE.log" >&2 && exit 1; }
for tool in phcctl phcbench; do
  [ "$CACHE/$tool" -nt "$HERE/rig/$tool.c" ] || gcc -O2 -Wall -static -o "$CACHE/$tool" "$HERE/rig/$tool.c"
done
[ "$CACHE/xstate.so" -nt "$HERE/rig/xstate.c" ] || gcc -O2 -Wall -shared -fPIC -o "$CACHE/xstate.so" "$HERE/rig/xstate.c" -ldl
flock -u 9
eval "export $VARS"
export TT="${TT:-}" PRELOAD="$CACHE/xstate.so" TOOLS="$CACHE/phcctl $CACHE/phcbench $(echo "${MOD%.ko}"[234].ko)" PATH="$ROOT/node_modules/.bin:$PATH"
# The card keeps TAI, as a time card does.
export MODARGS="${MODARGS:-start_offset_ns=37000000000}"
# run-momentd.test.ts waits out real settling times, and has four Node processes at once.
export LIMIT="${LIMIT:-600}" MEM="${MEM:-512M}"
cd "$ROOT"
[ -z "$SHORT" ] || COMMAND+=("$SHORT")
if [ ${#COMMAND[@]} -eq 0 ]; then
  COMMAND=(node --test --test-concurrency=1 --test-reporter=spec)
  for f in test/hardware/*.test.ts; do COMMAND+=("$f"); done
fi
exec bash "$HERE/rig/boot.sh" "${COMMAND[@]}"
