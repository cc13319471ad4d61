#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# An NBD server whose kernel cannot write back what it took: never status 0,
# and with --resume the target is whole when the cause is mended.
. ./functions.sh
. "$abs_srcdir/failing-kernel.sh"

requires_plugin file
requires_program qemu-nbd
mib=$((1 << 20))
truncate -s 128M "$tmpdir/disk"
write_random "$tmpdir/disk" 0 $mib
write_random "$tmpdir/disk" $((64 * mib)) $mib
for server in nbdkit qemu-nbd; do
    make_full_loop $((128 * mib)) 0:$mib
    case $server in
        nbdkit) start_nbdkit target file "$loop_device"
                uri=$nbdkit_uri ;;
        qemu-nbd) start_qemu_nbd target-qemu -f raw "$loop_device"
                  uri=$qemu_nbd_uri ;;
    esac
    command=(v2v-nbdkit-launch -o nbd -oo uri="$uri" -oo zero=skip)
    run_expecting 6 "${command[@]}" "$tmpdir/disk"
    expect_error 'cannot write .*Input/output error'
    run_expecting '6|8' "${command[@]}" --resume "$tmpdir/disk"
    mend_loop
    # qemu does not trust its cache after an error.
    if [ $server = qemu-nbd ]; then
        stop_pid "$qemu_nbd_pid"
        start_qemu_nbd target-qemu -f raw "$loop_device"
    fi
    run_expecting 0 "${command[@]}" --resume "$tmpdir/disk"
    forget_cache
    expect_same "$tmpdir/disk" "$loop_device"
    expect_nothing_left
done
