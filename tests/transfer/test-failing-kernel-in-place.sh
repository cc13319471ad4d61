#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --in-place, and the kernel cannot write back what it took: never status 0,
# the changes and their record are kept, and when the cause is mended the same
# command writes them.
. ./functions.sh
. "$abs_srcdir/failing-kernel.sh"

requires_plugin file
requires_program qemu-io
mib=$((1 << 20))
truncate -s 768M "$tmpdir/expected"
writes=()
ranges=()
# Only the second one cannot be written back; of so many, the error is met
# while others are still written.
for ((i = 0; i < 12; i++)); do
    writes+=(-c "write -P $((i + 1)) $((i * 64))M 1M")
    [ $i = 1 ] || ranges+=("$((i << 26)):$mib")
done
qemu-io -f raw "${writes[@]}" "$tmpdir/expected" >/dev/null
printf -v arguments '%q ' "${writes[@]}"

# expect_kept STATUS COMMAND...: it fails, and keeps what it has.
expect_kept ()
{
    run_expecting "$@"
    expect_stderr 'run the same command again'
    expect test -n "$(find "$tmpdir" -name '*in-place')"
    expect test -n "$(find "$tmpdir" -name sda.qcow2)"
}

for kind in raw qcow2; do
    case $kind in
        raw) make_full_loop $((768 * mib)) "${ranges[@]}" ;;
        # Written with O_DIRECT.  Its header and tables are allocated.
        qcow2)
            make_full_loop $((64 * mib)) 0:$((2 * mib))
            qemu-img create -q -f qcow2 "$loop_device" 768M ;;
    esac
    command=(v2v-nbdkit-launch --in-place -if $kind --retries 0 --convert
             "qemu-io -f raw $arguments \"\$V2V_OVERLAY_URI_0\"
              echo x >>'$tmpdir/converted'" "$loop_device")
    rm -f "$tmpdir/converted"
    expect_kept '6|8' "${command[@]}"
    expect_kept '6|8' "${command[@]}"
    mend_loop
    run_expecting 0 "${command[@]}"
    forget_cache
    qemu-img convert -f $kind -O raw "$loop_device" "$tmpdir/result"
    expect_same "$tmpdir/expected" "$tmpdir/result"
    expect test "$(wc -l <"$tmpdir/converted")" = 1
    expect test -z "$(find "$tmpdir" -name '*in-place')"
    expect_nothing_left
done
