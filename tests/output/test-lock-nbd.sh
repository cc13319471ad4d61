#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# -o nbd: one run at a time writes to an export, however its URI is written.
. ./functions.sh

requires_plugin file memory

make_disk "$tmpdir/disk" 32M
start_nbdkit target memory 32M
ln -s "$nbdkit_socket" "$tmpdir/sock"
start_nbdkit_tcp memory 32M
mark=$tmpdir/reached

busy ()
{
    out=$tmpdir/out2 err=$tmpdir/err2 \
        run_expecting 1:target-busy:true v2v-nbdkit-launch "$@"
}

for uris in "$nbdkit_uri nbd+unix:///?socket=$tmpdir/sock" \
            "nbd://localhost:$nbd_port nbd://LocalHost:$nbd_port/"; do
    rm -f "$mark"
    run_in_background v2v-nbdkit-launch -o nbd -oo uri="${uris% *}" \
        --convert "touch '$mark'; sleep 1000" "$tmpdir/disk"
    wait_for test -e "$mark"
    lock=$(compgen -G "$state_dir/*.lock")
    busy -o nbd -oo uri="${uris#* }" "$tmpdir/disk"
    busy -o nbd -oo uri="${uris#* }" --check "$tmpdir/disk"
    busy --in-place --convert true "${uris#* }"
    kill "$tool_pid"
    wait_expecting 143
    run_expecting 0 v2v-nbdkit-launch -o nbd -oo uri="${uris#* }" \
        "$tmpdir/disk"
done
# One that others can write to is not ours.
: >"$lock"
chmod 666 "$lock"
run_expecting 1 v2v-nbdkit-launch -o nbd -oo uri="${uris#* }" "$tmpdir/disk"
expect_error 'writable by other users'
rm "$lock"
expect_not compgen -G "$state_dir/*.lock"
expect_nothing_left
