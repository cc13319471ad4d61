#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# NBD targets that fail exactly there: flushing, the first time or the last;
# zeroing, once or always, or not at all although the server says so; requests
# that are larger than the server takes; a server that dies between the last
# write and the flush, and forgets what was not flushed.
. ./functions.sh

requires_plugin eval
requires_filter blocksize-policy
truncate -s 8M "$tmpdir/disk"
write_random "$tmpdir/disk" 0 2000000
write_random "$tmpdir/disk" 5000000 2000000
target=$tmpdir/target

# start_target NAME KEY=SCRIPT...: a file full of ones, so that each byte has
# to be written.  $3 is the length, $4 the offset.
start_target ()
{
    local -A script=(
        [pwrite]="dd of='$target' oflag=seek_bytes conv=notrunc bs=1M \
                  seek=\$4 status=none"
        [zero]="head -c \$3 /dev/zero | dd of='$target' oflag=seek_bytes \
                conv=notrunc bs=1M seek=\$4 status=none"
        [flush]='exit 0')
    local argument arguments=()

    for argument in "${@:2}"; do
        case $argument in
            blocksize*) arguments+=("$argument") ;;
            *) script[${argument%%=*}]=${argument#*=} ;;
        esac
    done
    for argument in "${!script[@]}"; do
        arguments+=("$argument=${script[$argument]}")
    done
    tr '\0' '\377' </dev/zero | head -c 8388608 >"$target"
    rm -rf "$state_dir"
    start_nbdkit "$1" "${filters[@]}" eval get_size='echo 8388608' \
        can_write='exit 0' can_flush='exit 0' can_zero='exit 0' \
        can_extents='exit 3' \
        pread="dd if='$target' iflag=skip_bytes,count_bytes,fullblock \
               bs=1M skip=\$4 count=\$3 status=none" \
        "${arguments[@]}"
}
filters=()

# copy STATUS [OPTION...]
copy ()
{
    run_expecting "$1" v2v-nbdkit-launch -if raw -o nbd \
        -oo uri="$nbdkit_uri" --result-file "$tmpdir/result" "${@:2}" \
        "$tmpdir/disk"
    [ "$1" != 0 ] || expect_same "$tmpdir/disk" "$target"
    expect_nothing_left
}

expect_reason ()
{
    expect test "$(jq -r .reason "$tmpdir/result")" = "$1"
}

fail_eio='{ echo EIO no luck >&2; exit 1; }'

# --resume writes again what was not on stable storage.
start_target flush-first flush="mkdir '$tmpdir/flushed' && $fail_eio; exit 0"
copy 6
expect_reason write
copy 0 --resume
start_target flush-always flush="$fail_eio"
copy 6
expect_reason write
copy 6 --resume

start_target zero-once zero="mkdir '$tmpdir/zeroed' 2>/dev/null &&
    $fail_eio
    head -c \$3 /dev/zero | dd of='$target' oflag=seek_bytes conv=notrunc \
    bs=1M seek=\$4 status=none"
copy 0
expect test -d "$tmpdir/zeroed"
expect test "$(jq '.disks[0].retries' "$tmpdir/result")" -ge 1
for error in EOPNOTSUPP EINVAL; do
    start_target zero-$error zero="echo $error no >&2; exit 1"
    copy 0
done
start_target zero-never zero="$fail_eio"
copy 6 --retries 1
expect_error 'Input/output error'

# Only reading it back shows a lie.
start_target zero-lies zero='exit 0'
copy 7 --verify
expect_reason verify

filters=(--filter blocksize-policy)
start_target small-blocks blocksize-minimum=4096 blocksize-preferred=4096 \
    blocksize-maximum=65536 blocksize-error-policy=error
copy 0

# What was not flushed is in the file "cache" only, and goes with the server.
filters=()
truncate -s 8M "$tmpdir/cache"
rm -f "$tmpdir/died"
start_target dies \
    pwrite="dd of='$tmpdir/cache' oflag=seek_bytes conv=notrunc bs=1M \
            seek=\$4 status=none" \
    zero="head -c \$3 /dev/zero | dd of='$tmpdir/cache' oflag=seek_bytes \
          conv=notrunc bs=1M seek=\$4 status=none" \
    flush="if mkdir '$tmpdir/died' 2>/dev/null; then
               truncate -s 0 '$tmpdir/cache'; truncate -s 8M '$tmpdir/cache'
               kill -KILL \$PPID; sleep 1; exit 1
           fi
           cp '$tmpdir/cache' '$target'"
(while is_running "$nbdkit_pid"; do sleep 0.1; done
 rm -f "$nbdkit_socket"
 exec setpriv --pdeathsig KILL nbdkit --foreground --unix "$nbdkit_socket" \
     file "$target") &
server_pids+=($!)
copy 0
expect test -d "$tmpdir/died"
