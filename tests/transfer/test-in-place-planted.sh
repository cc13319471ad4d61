#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# An interrupted --in-place run is not completed from a directory that another
# user has got hold of, or could have.
. ./functions.sh

requires_other_user
requires_plugin file
requires_filter error
requires_program qemu-io
make_disk "$tmpdir/b" 4M
start_nbdkit bad --filter=error file "$tmpdir/b" \
    error-pwrite-rate=100% error-file="$tmpdir/trigger" error=EIO
convert="qemu-io -f raw -c 'write -P 7 1M 1M' \"\$V2V_OVERLAY_URI_0\" &&
    touch '$tmpdir/trigger'"
mkdir "$tmpdir/overlays"
command=(v2v-nbdkit-launch --in-place --resume --retries 0
         --overlay-dir "$tmpdir/overlays" --convert "$convert" "$nbdkit_uri")
run_expecting 6:write:false:true "${command[@]}"
rm "$tmpdir/trigger"
dir=$(echo "$tmpdir"/overlays/v2v.*)
expect test -d "$dir"
remember "$tmpdir/b" "$dir"/*.qcow2

chown 12345 "$dir"
run_expecting 1:target-changed:false "${command[@]}"
expect_error 'not a private directory of this user'
expect_stderr '^hint: restore all disks'
expect_untouched
chown 0 "$dir"
chmod 0777 "$tmpdir/overlays"
run_expecting 1:internal:false "${command[@]}"
expect_error "can write to $tmpdir/overlays"
expect_untouched
chmod 0755 "$tmpdir/overlays"
run_expecting 0 "${command[@]}"
expect_not cmp -s "$tmpdir/b" <(head -c 4M /dev/zero)
expect_nothing_left
