#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# NBD targets that cannot be flushed: who offers no flush is written to with a
# warning, who offers it and refuses it is found out before the copy.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/disk" 4M
truncate -s 4M "$tmpdir/target"
start_nbd_server "$tmpdir/target"
copy=(v2v-nbdkit-launch -if raw -o nbd)
run_expecting 0 "${copy[@]}" -oo uri="nbd://127.0.0.1:$nbd_port/disk" \
    --check "$tmpdir/disk"
expect_stdout 'warning.*target: .*not support flush'
expect_no_stderr 'not support flush'
run_expecting 0 "${copy[@]}" -oo uri="nbd://127.0.0.1:$nbd_port/disk" \
    "$tmpdir/disk"
expect_stderr 'warning: .*not support flush'
expect test "$(grep -c 'not support flush' "$err")" = 1
expect_same "$tmpdir/disk" "$tmpdir/target"

start_nbd_server "$tmpdir/target" 'flush = true'
run_expecting 0 "${copy[@]}" -oo uri="nbd://127.0.0.1:$nbd_port/disk" \
    "$tmpdir/disk"
expect_no_stderr 'not support flush'

# This nbdkit's old-style negotiation, if that has the fault.
start_nbdkit old --oldstyle file "$tmpdir/target"
if ! qemu-io -f raw -c 'write 0 4k' -c flush "$nbdkit_uri" >/dev/null 2>&1
then
    write_zeroes "$tmpdir/target" 0 4194304
    for check in --check ''; do
        # shellcheck disable=SC2086
        run_expecting 1:write:false "${copy[@]}" -oo uri="$nbdkit_uri" \
            $check "$tmpdir/disk"
        expect_error 'advertises flush, but refuses it'
    done
    expect_hint 'oldstyle'
    expect cmp -n 4194304 "$tmpdir/target" /dev/zero
fi
expect_nothing_left
