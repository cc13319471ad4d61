#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A conversion that reads a remote disk in small pieces makes the server send
# it in large ones, once.
. ./functions.sh

requires_program nbdcopy
# libnbd 1.6's does not know it.
requires nbdcopy --request-size=32768 --version
start_nginx
random_bytes disk | head -c 8M >"$tmpdir/www/disk"

# expect_once COMMAND: it reads the whole disk, in pieces.
expect_once ()
{
    : >"$tmpdir/logs/nginx-access"
    run_expecting 0 v2v-nbdkit-launch -o null "$http_url/disk" --convert '
        echo >>'"$tmpdir/logs/nginx-access"' CONVERT
        '"$1"'
        echo >>'"$tmpdir/logs/nginx-access"' DONE'
    sed '1,/CONVERT/d; /DONE/,$d' "$tmpdir/logs/nginx-access" |
        grep -c 'GET /disk' >"$tmpdir/n"
    expect test "$(cat "$tmpdir/n")" -ge 1
    expect test "$(cat "$tmpdir/n")" -le 20         # not 256
    # The copy reads none of it again, but asks whether it is the same file, and
    # an nbdkit of its own (1.34 and later) whether it can read: 1 KiB, and one
    # byte that plugins of some versions add.
    expect_not grep -q 'GET /disk' \
        <(sed '1,/DONE/d' "$tmpdir/logs/nginx-access" | grep -v ' 206 1 ' |
            if nbdkit_at_least 34; then grep -v ' 206 102[45] '; else cat; fi)
    expect_nothing_left
}

# shellcheck disable=SC2016
expect_once 'nbdcopy --connections=1 --requests=1 --request-size=32768 \
    "$V2V_OVERLAY_URI_0" null:'
# As virt-v2v-in-place reads it, whatever it is called.
# shellcheck disable=SC2016
expect_once 'for i in $(seq 0 255); do echo read $((32 * i))k 32k; done |
    qemu-io -f qcow2 "$V2V_OVERLAY_0" >/dev/null'
