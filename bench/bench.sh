#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later

# Compares the speed of v2v-nbdkit-launch with nbdcopy, qemu-img and cp.  All
# programs copy the same disk, taking turns, in several rounds.  Every copy is
# compared with the disk.  "make bench" runs this script.  The parameters are
# environment variables:
#
#   ROUNDS=3       the number of rounds of each case
#   SIZE=256M      the size of the disk (in local cases: LOCAL_SIZE=1G)
#   FILL=60        the percentage of the disk that is data; the rest is holes
#   RUN=4M         the length of each run of data and of each hole
#   LATENCY=10     milliseconds: of a round trip (curl, ssh), or of a read
#                  (delay)
#   CASES='...'    the cases to measure: local curl ssh delay extents scattered
#                  qcow2 compressed big start, and as root: unused full maps
#   KINDS='...'    the file systems of the last three: ext4 xfs ntfs
#   UNUSED_SIZE=2G the size of the disks of unused and full
#   MBIT=1000      the megabits a second of the link that all connections share
#                  (unused, full, maps)
#   DIR=DIRECTORY  for disks and copies; the default is $TMPDIR or /var/tmp
#   JSON=FILE      the file for the results; the default is bench.json
#   DURABLE=yes    the other programs call fsync too (nbdcopy --flush,
#                  qemu-img -t writeback, sync after cp), which
#                  v2v-nbdkit-launch always does; with DURABLE=no the other
#                  programs run with their defaults
#
# The time is that of the whole command (in the case scattered: of the copy
# only).  For the other programs this includes nbdkit with --run and, for
# qemu-img, creating the overlay that it reads through.  Before each
# measurement the source is read into the page cache, old copies are removed,
# and sync is called so that the disk is idle.

ROUNDS=${ROUNDS:-3} SIZE=${SIZE:-256M} LOCAL_SIZE=${LOCAL_SIZE:-1G}
FILL=${FILL:-60} RUN=${RUN:-4M} LATENCY=${LATENCY:-10}
CASES=${CASES:-local curl ssh delay extents scattered qcow2 compressed big
start}
KINDS=${KINDS:-ext4 xfs ntfs} UNUSED_SIZE=${UNUSED_SIZE:-2G} MBIT=${MBIT:-1000}
JSON=${JSON:-bench.json}
DURABLE=${DURABLE:-yes}
parent=${DIR:-${TMPDIR:-/var/tmp}}

export V2V_TEST_TIMED=yes       # or functions.sh would limit the time
# shellcheck source=/dev/null
. "$builddir/../tests/functions.sh"
requires_program jq nbdcopy qemu-img qemu-io cmp
work=$(mktemp -d "$parent/v2v-bench.XXXXXX")
cleanup_fn rm -rf "$work"
tool=("${tool[@]: -3}")         # as users run it, with a state of its own
times=$tmpdir/times             # lines: case, tool, seconds
facts=$tmpdir/facts             # lines: case, name, number
: >"$times" >"$facts"
flush=() cache=unsafe
if [ "$DURABLE" = yes ]; then
    flush=(--flush) cache=writeback
fi
proxy_ms=$(awk "BEGIN { print $LATENCY / 2 }")

# generate FILE SIZE: create a disk with evenly spread runs of random data.
generate ()
{
    local size run i n

    size=$(numfmt --from=iec "$2") run=$(numfmt --from=iec "$RUN")
    n=$((size / run))
    truncate -s "$size" "$1"
    for ((i = 0; i < n; i++)); do
        if [ $((i * FILL / 100)) != $(((i + 1) * FILL / 100)) ]; then
            echo "$i"
        fi
    done | while read -r i; do
        dd if=/dev/urandom of="$1" bs="$run" count=1 seek="$i" conv=notrunc \
           status=none iflag=fullblock
    done
}

# start_proxy PORT [MBIT]: start latency-proxy in front of PORT.  Sets
# proxy_port.
start_proxy ()
{
    "$builddir/latency-proxy" 0 "$1" "$proxy_ms" "${@:2}" \
        >"$tmpdir/proxy-port" 2>"$tmpdir/logs/proxy" &
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
    rm -rf "$work/out"
    mkdir "$work/out"
    [ "$(stat -c %s "$disk")" -gt 100000000000 ] || cat "$disk" >/dev/null
    sync -f "$work"
    start=$EPOCHREALTIME
    "$@" </dev/null >"$out" 2>"$err" || fail "$name failed: $what"
    end=$EPOCHREALTIME
    if [ -s "$work/out/result" ]; then  # the time of the copy only
        start=0 end=$(jq '[.disks[].seconds] | add' "$work/out/result")
    fi
    echo "$what $name $start $end" |
        awk '{ printf "%s %s %.3f\n", $1, $2, $4 - $3 }' | tee -a "$times"
    compare
}

# The copy, whose name depends on the program, has the disk's contents.
compare ()
{
    local copy=$work/out/copy

    [ -z "$check" ] || { "$check"; return; }
    [ -e "$copy" ] || copy=$work/out/guest-sda
    qemu-img compare -f raw -F "$format" "$disk" "$copy" >/dev/null ||
        fail "the copy differs"
}

# How to copy.  source: the arguments of nbdkit; ours: the arguments of
# v2v-nbdkit-launch.
ours () { "${tool[@]}" -o disk -os "$work/out" -on guest "$@" "${ours[@]}"; }
ours_qcow2 () { ours -of qcow2; }
ours_compressed () { ours -of qcow2 -oo compressed; }

with_nbdkit () { nbdkit -U - -r "${source[@]}" --run "$*"; }

by_nbdcopy () { with_nbdkit nbdcopy "${flush[@]}" '$uri' "$work/out/copy"; }

# by_qemu_img [OPTION...]: copy through an overlay, as in a conversion.
by_qemu_img ()
{
    with_nbdkit "qemu-img create -q -f qcow2 -F raw -b \"\$uri\" \
        '$work/out/overlay' &&
        qemu-img convert -W -m 16 -t $cache ${*:--O raw} \
        '$work/out/overlay' '$work/out/copy'"
}
by_qemu_qcow2 () { by_qemu_img -O qcow2; }
by_qemu_compressed () { by_qemu_img -c -O qcow2; }

by_cp ()
{
    cp --sparse=always "$disk" "$work/out/copy"
    [ "$DURABLE" != yes ] || sync "$work/out/copy"
}

# rounds CASE TOOL FUNCTION [TOOL FUNCTION]...: measure each TOOL in turn.
rounds ()
{
    local what=$1 i pairs

    shift
    for ((i = 0; i < ROUNDS; i++)); do
        pairs=("$@")
        while [ ${#pairs[@]} -gt 0 ]; do
            measure "$what" "${pairs[0]}" "${pairs[1]}"
            pairs=("${pairs[@]:2}")
        done
    done
}

all=(ours ours nbdcopy by_nbdcopy qemu-img by_qemu_img)
format=raw check=

use_disk ()
{
    disk=$work/$1-disk
    [ -e "$disk" ] || generate "$disk" "$2"
}

case_local ()
{
    use_disk local "$LOCAL_SIZE"
    source=(file "$disk") ours=("$disk")
    rounds local "${all[@]}" cp by_cp
}

case_curl ()
{
    start_nginx
    start_proxy "$http_port"
    use_disk remote "$SIZE"
    ln "$disk" "$tmpdir/www/disk" 2>/dev/null || cp "$disk" "$tmpdir/www/disk"
    ours=("http://127.0.0.1:$proxy_port/disk")
    source=(curl "${ours[0]}")
    rounds curl "${all[@]}"
}

case_ssh ()
{
    start_sshd
    start_proxy "$sshd_port"
    use_disk remote "$SIZE"
    printf '[127.0.0.1]:%s %s\n' "$proxy_port" \
           "$(cat "$tmpdir/ssh/host_key.pub")" >>"$ssh_known_hosts"
    ours=("${ssh_options[@]}" "ssh://$ssh_user@127.0.0.1:$proxy_port$disk")
    source=(ssh host=127.0.0.1 port="$proxy_port" user="$ssh_user"
            path="$disk" identity="$ssh_identity"
            known-hosts="$ssh_known_hosts")
    rounds ssh "${all[@]}"
}

# delayed CASE PARAMETER...: read through nbdkit's delay filter.
delayed ()
{
    local what=$1

    shift
    use_disk remote "$SIZE"
    ours=(-io filter=delay -i nbdkit file file="$disk" "$@")
    source=(--filter=delay file "$disk" "$@")
    rounds "$what" "${all[@]}"
}
case_delay () { delayed delay rdelay="${LATENCY}ms"; }
case_extents ()
{
    delayed extents rdelay="${LATENCY}ms" delay-extents="${LATENCY}ms"
}

# A conversion that writes 1 MiB at 64 places, compared with a conversion that
# writes nothing.  The time of the copy is measured, not that of the
# conversion.
converted () { ours --result-file "$work/out/result" --convert "$1"; }
written () { converted "sh '$tmpdir/write'"; }
unwritten () { converted true; }
differs () { :; }
case_scattered ()
{
    local size i

    use_disk local "$LOCAL_SIZE"
    size=$(stat -c %s "$disk")
    {
        echo 'qemu-io -f qcow2 \'
        for ((i = 0; i < 64; i++)); do
            echo "-c 'write -P 7 $((size / 64 / 4096 * 4096 * i)) 1M' \\"
        done
        echo '"$V2V_OVERLAY_0" >&2'
    } >"$tmpdir/write"
    cp --sparse=always "$disk" "$work/written"
    V2V_OVERLAY_0=$work/written bash -c "$(sed 's/-f qcow2/-f raw/' \
        "$tmpdir/write")" >/dev/null 2>&1
    ours=("$disk")
    check=compare_written
    rounds scattered ours written without unwritten
    check=
}
compare_written ()
{
    cmp "$work/out/guest-sda" "$work/written" >/dev/null ||
        cmp "$work/out/guest-sda" "$disk" || fail "the copy differs"
}

case_qcow2 ()
{
    use_disk local "$LOCAL_SIZE"
    source=(file "$disk") ours=("$disk") format=qcow2
    rounds qcow2 ours ours_qcow2 qemu-img by_qemu_qcow2
    format=raw
}

case_compressed ()
{
    use_disk remote "$SIZE"
    source=(file "$disk") ours=("$disk") format=qcow2
    rounds compressed ours ours_compressed qemu-img by_qemu_compressed
    format=raw
}

# The same data on a disk of 8 TiB and on a disk of 16 GiB.
sized ()
{
    truncate -s "$1" "$disk"
    ours
}
on_8t () { sized 8T; }
on_16g () { sized 16G; }
same_data ()
{
    cmp -n "$(numfmt --from=iec "$SIZE")" "$disk" "$work/out/guest-sda" ||
        fail "the copy differs"
}
case_big ()
{
    use_disk big "$SIZE"
    ours=("$disk") check=same_data
    rounds big ours on_8t 16G on_16g
    check= disk=
}

# The time before the first byte is copied: a disk of 64 KiB.
only_nbdkit () { with_nbdkit 'nbdinfo --size "$uri" >/dev/null'; }
case_start ()
{
    use_disk start 64K
    source=(file "$disk") ours=("$disk") check=differs
    rounds start ours ours nbdkit only_nbdkit
    check=
}

# Disks with file systems that have been lived in, over a shared link.  They
# are made by mounting them (tests/filesystem/lived-in.sh).
requires_lived_in ()
{
    requires_root
    # shellcheck source=/dev/null
    [ -n "${lived_in-}" ] || . "$abs_srcdir/filesystem/lived-in.sh"
    [ -n "${http_port-}" ] || start_nginx
    [ -n "${link_port-}" ] || start_proxy "$http_port" "$MBIT"
    link_port=${link_port:-$proxy_port}
}

# make_filesystem KIND SIZE: an empty one, in $work/volume.
make_filesystem ()
{
    case $1 in
        ext*) reader=ext mkfs=(mke2fs -q -F -t "$1") ;;
        xfs) reader=xfs mkfs=(mkfs.xfs -q) ;;
        ntfs) reader=ntfs mkfs=(mkntfs -q -Q -F) ;;
    esac
    format_volume $reader "$work/volume" "$2" "${mkfs[@]}"
}

# use_lived_in KIND KEEP FILL: a disk with a partition of which KEEP percent
# are in use, and which was full to FILL percent.  It is at $disk and at
# $link_url, and what is free in it in $disk.free.
use_lived_in ()
{
    disk=$work/lived-in
    rm -f "$disk" "$disk.free" "$tmpdir/www/lived-in"
    make_filesystem "$1" "$UNUSED_SIZE"
    live_in $reader "$work/volume" "$2" "$3"
    list_free $reader "$work/volume"
    truncate -s $(($(stat -c %s "$work/volume") + 2097152)) "$disk"
    echo 'label: gpt
start=2048' | sfdisk -q --no-reread --no-tell-kernel "$disk"
    put_volume "$work/volume" "$disk" 1048576
    rm "$work"/volume*
    serve_disk
}

serve_disk ()
{
    ln "$disk" "$tmpdir/www/${disk##*/}" 2>/dev/null ||
        cp --sparse=always "$disk" "$tmpdir/www/${disk##*/}"
    link_url=http://127.0.0.1:$link_port/${disk##*/}
    ours=("$link_url") source=(curl "$link_url")
}

ours_unused ()
{
    ours --skip-unused on --result-file "$work/out/unused-result"
}
by_curl ()
{
    curl -sf -o "$work/out/copy" "$link_url"
    [ "$DURABLE" != yes ] || sync "$work/out/copy"
}
by_sftp ()
{
    echo "get $disk $work/out/copy" | sftp -q -b - -P "$sftp_port" \
        -i "$ssh_identity" -o UserKnownHostsFile="$ssh_known_hosts" \
        "$ssh_user@127.0.0.1" >/dev/null
    [ "$DURABLE" != yes ] || sync "$work/out/copy"
}

compare_unused ()
{
    local copy=$work/out/copy

    [ -e "$copy" ] || copy=$work/out/guest-sda
    if [ ! -e "$work/out/unused-result" ]; then
        cmp "$disk" "$copy" >/dev/null || fail "the copy differs"
        return 0
    fi
    expect_only_free "$disk" "$copy"
    jq -r --arg case "$what" --arg used "$used" --arg deleted "$deleted" \
        '.disks[0] | "bytes_read \(.bytes_read)",
        "bytes_unused \(.bytes_unused)", "bytes_used \($used)",
        "bytes_deleted \($deleted)" | "\($case) \(.)"' \
        "$work/out/unused-result" >>"$facts"
}

case_unused ()
{
    local kind

    requires_lived_in
    requires_program sfdisk sftp
    start_sshd
    start_proxy "$sshd_port" "$MBIT"
    sftp_port=$proxy_port
    printf '[127.0.0.1]:%s %s\n' "$sftp_port" \
           "$(cat "$tmpdir/ssh/host_key.pub")" >>"$ssh_known_hosts"
    check=compare_unused
    for kind in $KINDS; do
        # With what the file system itself needs it is a fifth of the disk.
        use_lived_in "$kind" 15 84
        rounds "unused-$kind" ours ours_unused without ours curl by_curl \
            sftp by_sftp nbdcopy by_nbdcopy qemu-img by_qemu_img
    done
    check=
}

# Nothing is gained where nothing was deleted.
case_full ()
{
    local kind

    requires_lived_in
    requires_program sfdisk
    check=compare_unused
    for kind in $KINDS; do
        use_lived_in "$kind" 95 97
        rounds "full-$kind" ours ours_unused without ours
        ours=("$disk")
        rounds "full-$kind-local" ours ours_unused without ours
    done
    check=
}

# How long it takes to find what is free in 1 TiB: --check with and without the
# option, of file systems with 100000 free runs where holes can be punched.
check_maps ()
{
    watching_memory "${tool[@]}" --check --skip-unused on "$link_url"
}
check_only () { "${tool[@]}" --check "$link_url"; }

# watching_memory COMMAND...: the most memory that one of the tool's processes
# has used is a fact.
watching_memory ()
{
    local pid watched

    (
        most=0
        trap 'echo "$what process_bytes $((most * 1024))" >>"$facts"
              exit' TERM
        while sleep 0.02; do
            for pid in $(pgrep -f "^$tool_program"); do
                now=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p' \
                    "/proc/$pid/status" 2>/dev/null)
                [ "${now:-0}" -le "$most" ] || most=$now
            done
        done
    ) &
    watched=$!
    "$@"
    kill "$watched"
    wait "$watched" || :
    expect grep -q 'filesystem: .*, clean' "$out"
}

case_maps ()
{
    local kind

    requires_lived_in
    check=differs
    for kind in $KINDS; do
        make_filesystem "$kind" 1T
        if [ "$kind" != ntfs ]; then
            mount_volume $reader "$work/volume"
            "$abs_top_srcdir/bench/fragment.py" "$mnt" 100000
            unmount
        fi
        disk=$work/maps
        mv "$work/volume" "$disk"
        rm -f "$tmpdir/www/maps"
        serve_disk
        rounds "maps-$kind" ours check_maps without check_only
        rm "$disk"
    done
    check= disk=
}

for case in $CASES; do
    "case_$case"
done

# Medians, and the ratio of each program's time to that of v2v-nbdkit-launch.
jq -Rn --rawfile facts "$facts" --arg mbit "$MBIT" \
   --arg unused "$UNUSED_SIZE" --arg size "$SIZE" \
   --arg local "$LOCAL_SIZE" --arg fill "$FILL" \
   --arg run "$RUN" --arg latency "$LATENCY" --arg durable "$DURABLE" \
   --arg nbdkit "$(nbdkit --version)" \
   --arg qemu "$(qemu-img --version | sed -n 1p)" \
   --arg nbdcopy "$(nbdcopy --version | sed -n 1p)" \
   --arg processors "$(nproc)" '
  def median: sort | (.[(length - 1) / 2 | floor] + .[length / 2 | floor]) / 2;
  ($facts | split("\n") | map(select(. != "") | split(" "))) as $facts
  | [inputs | split(" ") | { case: .[0], tool: .[1], s: (.[2] | tonumber) }]
  | group_by(.case) | map(
      (map(select(.tool == "ours").s) | median) as $ours
      | { case: .[0].case, tools: (group_by(.tool) | map(
          { tool: .[0].tool, seconds: map(.s), median: (map(.s) | median) }
          | .ratio = (.median / $ours * 100 | round / 100))) }
      | . as $c
      | .facts = ($facts | map(select(.[0] == $c.case)) | group_by(.[1])
                  | map({ (.[0][1]): (map(.[2] | tonumber) | median) }) | add))
  | { size: $size, local_size: $local, unused_size: $unused,
      link_mbit: ($mbit | tonumber), fill_percent: ($fill | tonumber),
      run: $run, latency_ms: ($latency | tonumber),
      durable: ($durable == "yes"), processors: ($processors | tonumber),
      versions: [$nbdkit, $qemu, $nbdcopy], cases: . }' \
   <"$times" >"$JSON"
echo
jq -r '"\(.size) (\(.local_size) local), \(.fill_percent) % data in runs of " +
       "\(.run), \(.latency_ms) ms, fsync by all: \(.durable)",
       (.cases[] | .case as $case | .tools[] |
        [$case, .tool, (.median * 1000 | round / 1000), .ratio] | @tsv)' \
   "$JSON" |
    awk -F'\t' 'NR == 1 { print; printf "%-16s %-9s %9s %7s\n", "case",
                "tool", "median s", "x ours"; next }
                { printf "%-16s %-9s %9.3f %7.2f\n", $1, $2, $3, $4 }'
jq -r '.cases[] | select(.facts) | .case as $case | .facts | to_entries[] |
       [$case, .key, .value] | @tsv' "$JSON" |
    awk -F'\t' '{ printf "%-16s %-14s %15d\n", $1, $2, $3 }'
