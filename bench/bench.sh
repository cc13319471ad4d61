#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later

# Compares v2v-nbdkit-launch with what a user would type instead: how long it
# takes, which share of a link it uses, and its processor time.  All programs
# copy the same disk, taking turns, in several rounds.  Every copy is compared
# with the disk.  "make bench" runs this script, "make -C bench table" makes
# README's tables of its results.  The parameters are environment variables:
#
#   CASES='...'    the cases to measure: local curl ssh delay extents scattered
#                  qcow2 compressed zstd big start, over a link link-http
#                  link-ssh link-nbd link-start convert, and as root: clone
#                  unused full maps
#   TOOLS='...'    only these programs (ours curl aria2c rclone sftp nbdcopy
#                  nbdcopy-best qemu-img qemu-img-overlay cp cp-reflink; the
#                  default is all that are installed)
#   ROUNDS=3       the number of rounds of each case
#   SIZE=256M      the size of the disk (in local cases: LOCAL_SIZE=1G, over a
#                  link LINK_SIZE=1G)
#   FILL=60        the percentage of the disk that is data; the rest is holes
#   RUN=4M         the length of each run of data and of each hole
#   LATENCY=10     milliseconds: of a round trip (curl, ssh), or of a read
#                  (delay)
#   MBIT=1000      the megabits a second of the link that all connections share
#                  (link-*, unused, full, maps)
#   LINK_MS='10 50' the round trips of the link, in milliseconds; START_MS=100
#                  that of link-start
#   WINDOW=4096    the KiB of a connection that the link has under way
#   KINDS='...'    the file systems of unused, full, maps: ext4 xfs ntfs
#   UNUSED_SIZE=2G the size of the disks of unused and full
#   DIR=DIRECTORY  for disks and copies; the default is $TMPDIR or /var/tmp
#   JSON=FILE      the file for the results; the default is bench.json
#   DURABLE=yes    the other programs call fsync too (nbdcopy --flush,
#                  qemu-img -t writeback, sync after others), which
#                  v2v-nbdkit-launch always does; with DURABLE=no the other
#                  programs run with their defaults
#
# The time is that of the whole command (in the case scattered: of the copy
# only).  For the other programs this includes nbdkit with --run and creating
# overlays.  Processor time is that of the command and of all that it starts,
# without servers and the link.  Before each measurement the source is read
# into the page cache, old copies are removed, and sync is called so that the
# disk is idle.

ROUNDS=${ROUNDS:-3} SIZE=${SIZE:-256M} LOCAL_SIZE=${LOCAL_SIZE:-1G}
FILL=${FILL:-60} RUN=${RUN:-4M} LATENCY=${LATENCY:-10} TOOLS=${TOOLS-}
CASES=${CASES:-local curl ssh delay extents scattered qcow2 compressed zstd big
start link-http link-ssh link-nbd link-start}
MBIT=${MBIT:-1000} LINK_SIZE=${LINK_SIZE:-1G} LINK_MS=${LINK_MS:-10 50}
START_MS=${START_MS:-100} WINDOW=${WINDOW:-4096}
KINDS=${KINDS:-ext4 xfs ntfs} UNUSED_SIZE=${UNUSED_SIZE:-2G}
JSON=${JSON:-bench.json}
DURABLE=${DURABLE:-yes}
parent=${DIR:-${TMPDIR:-/var/tmp}}

# What is mounted only we see.
if [ "$(id -u)" = 0 ] && [ -z "${V2V_BENCH_MOUNTS-}" ]; then
    export V2V_BENCH_MOUNTS=own
    exec unshare --mount --propagation private "$BASH" "$0"
fi
bench=$(realpath "$(dirname "$0")")
export V2V_TEST_TIMED=yes       # or functions.sh would limit the time
unset MALLOC_PERTURB_           # of "run": nobody's memory is written for it
# shellcheck source=/dev/null
. "$builddir/../tests/functions.sh"
requires_program jq nbdcopy qemu-img qemu-io cmp
work=$(mktemp -d "$parent/v2v-bench.XXXXXX")
cleanup_fn rm -rf "$work"
copies=$work/out
tool=("${tool[@]: -3}")         # as users run it, with a state of its own
times=$tmpdir/times             # lines: case, tool, seconds, processor seconds
facts=$tmpdir/facts             # lines: case, name, number
typed=$tmpdir/typed             # lines: case, tool, the command
: >"$times" >"$facts" >"$typed"
# shellcheck source=/dev/null
. "$bench/tools.sh"
# shellcheck source=/dev/null
. "$bench/cases.sh"
# shellcheck source=/dev/null
. "$bench/cases-link.sh"
# shellcheck source=/dev/null
. "$bench/cases-unused.sh"
# shellcheck source=/dev/null
. "$bench/cases-convert.sh"

# generate FILE SIZE: create a disk with evenly spread runs of random data.
generate ()
{
    local size run i n

    size=$(numfmt --from=iec "$2") run=$(numfmt --from=iec "$RUN")
    n=$(((size + run - 1) / run))
    truncate -s "$size" "$1"
    for ((i = 0; i < n; i++)); do
        if [ $((i * FILL / 100)) != $(((i + 1) * FILL / 100)) ] ||
               [ $n = 1 ]; then
            echo "$i"
        fi
    done | while read -r i; do
        dd if=/dev/urandom of="$1" bs="$run" count=1 seek="$i" conv=notrunc \
           status=none iflag=fullblock
    done
    truncate -s "$size" "$1"
}

use_disk ()
{
    disk=$work/$1-disk
    [ -e "$disk" ] || generate "$disk" "$2"
}

# data_of FILE: print how many bytes of it are no holes.
data_of ()
{
    qemu-img map -f raw --output=json "$1" |
        jq 'map(select(.data).length) | add // 0'
}

# start_proxy PORT [MS [MBIT [WINDOW]]]: start latency-proxy, whose round trip
# takes MS (the default is LATENCY), in front of PORT.  Sets proxy_port.
start_proxy ()
{
    local ms=${2:-$LATENCY}

    "$builddir/latency-proxy" 0 "$1" "$(awk "BEGIN { print $ms / 2 }")" \
        "${@:3}" >"$tmpdir/proxy-port" 2>"$tmpdir/logs/proxy" &
    server_pids+=($!)
    wait_for test -s "$tmpdir/proxy-port"
    proxy_port=$(cat "$tmpdir/proxy-port")
    rm "$tmpdir/proxy-port"
}

# measure CASE TOOL COMMAND...: run COMMAND, record how long it takes, and
# compare the copy with the disk.
measure ()
{
    local what=$1 name=$2 start end

    shift 2
    rm -rf "$copies" "$spent"
    mkdir "$copies"
    [ "$(stat -c %s "$disk")" -gt 100000000000 ] || cat "$disk" >/dev/null
    sync -f "$work"
    sync -f "$copies"
    start=$EPOCHREALTIME
    "$@" </dev/null >"$out" 2>"$err" || fail "$name failed: $what"
    end=$EPOCHREALTIME
    if [ -s "$copies/result" ]; then  # the time of the copy only
        start=0 end=$(jq '[.disks[].seconds] | add' "$copies/result")
    fi
    awk -v what="$what" -v name="$name" \
        -v start="$start" -v end="$end" '{ cpu += $2 }
        END { printf "%s %s %.3f %.3f\n", what, name, end - start, cpu }' \
        "$spent" | tee -a "$times"
    compare
}

# The copy, whose name depends on the program, has the disk's contents.
compare ()
{
    local copy=$copies/copy

    [ -z "$check" ] || { "$check"; return; }
    [ -e "$copy" ] || copy=$copies/guest-sda
    qemu-img compare -f raw -F "$format" "$disk" "$copy" >/dev/null ||
        fail "the copy differs"
}

# is_wanted CASE TOOL: says why it is left out.
is_wanted ()
{
    local program

    [ -z "$TOOLS" ] || [[ " $TOOLS " == *" $2 "* ]] || return 1
    program=$(program_of "$2")
    [ -n "$program" ] && ! type -P "$program" >/dev/null || return 0
    grep -q "^$1 $2 none" "$facts" ||
        echo "$1 $2: left out, $program is not installed"
    echo "$1 $2 none" >>"$facts"
    return 1
}

# rounds CASE TOOL FUNCTION [TOOL FUNCTION]...: measure each TOOL in turn.
rounds ()
{
    local what=$1 i pairs

    shift
    for ((i = 0; i < ROUNDS; i++)); do
        pairs=("$@")
        while [ ${#pairs[@]} -gt 0 ]; do
            ! is_wanted "$what" "${pairs[0]}" ||
                measure "$what" "${pairs[0]}" "${pairs[1]}"
            pairs=("${pairs[@]:2}")
        done
    done
}

for case in $CASES; do
    "case_${case//-/_}"
done

jq -Rn --rawfile facts "$facts" --rawfile typed "$typed" \
   --argjson mbit "$MBIT" --argjson window "$WINDOW" \
   --arg unused "$UNUSED_SIZE" --arg size "$SIZE" --arg link "$LINK_SIZE" \
   --arg local "$LOCAL_SIZE" --arg fill "$FILL" \
   --arg run "$RUN" --arg latency "$LATENCY" --arg durable "$DURABLE" \
   --arg nbdkit "$(nbdkit --version)" \
   --arg qemu "$(qemu-img --version | sed -n 1p)" \
   --arg nbdcopy "$(nbdcopy --version | sed -n 1p)" \
   --arg processors "$(nproc)" -f "$bench/results.jq" <"$times" >"$JSON"
echo
jq -r '"\(.size) (\(.local_size) local, \(.link_size) over the link), " +
       "\(.fill_percent) % data in runs of " +
       "\(.run), \(.latency_ms) ms, fsync by all: \(.durable)",
       (.cases[] | .case as $case | .tools[] |
        [$case, .tool, .median, .ratio // "", .cpu_median,
         .cpu_per_gib // "", (.share // 0) * 100] | @tsv)' "$JSON" |
    awk -F'\t' 'NR == 1 { print
                printf "%-16s %-16s %8s %7s %7s %7s %7s\n", "case", "tool",
                       "median s", "x ours", "cpu s", "cpu/GiB", "share"
                next }
                { printf "%-16s %-16s %8.3f %7s %7.2f %7s %7s\n", $1, $2, $3,
                         $4, $5, $6, $7 == 0 ? "" : sprintf ("%.1f %%", $7) }'
jq -r '.cases[] | select(.facts) | .case as $case | .facts | to_entries[] |
       [$case, .key, .value] | @tsv' "$JSON" |
    awk -F'\t' '{ printf "%-16s %-14s %15d\n", $1, $2, $3 }'
