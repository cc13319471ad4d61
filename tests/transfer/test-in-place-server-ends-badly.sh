#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --in-place of a qcow2 disk: if the server that writes it is killed at its
# end, hangs there or fails, the changes and their record are kept, and the
# same command writes them.
. ./functions.sh

requires_plugin file
requires_program qemu-io
make_disk "$tmpdir/raw" 4M
cp "$tmpdir/raw" "$tmpdir/expected"
qemu-io -f raw -c 'write -P 7 1M 1M' "$tmpdir/expected" >/dev/null
# With the overlay itself, so that only the disk's server ends badly.
command=(v2v-nbdkit-launch --in-place -if qcow2 --stall-timeout 1 --convert
         'qemu-io -f qcow2 -c "write -P 7 1M 1M" "$overlay"' "$tmpdir/disk")
for V2V_TEST_END in killed fails hangs; do
    export V2V_TEST_END
    qemu-img convert -f raw -O qcow2 "$tmpdir/raw" "$tmpdir/disk"
    use_bad_qemu_nbd
    run_expecting 6:write:false:true "${command[@]}"
    expect_error 'qemu-nbd (was killed|exited|did not exit)'
    expect_stderr 'run the same command again'
    expect test -n "$(find "$tmpdir" -name '*in-place')"
    PATH=$good_path
    run_expecting 0 "${command[@]}"
    expect_same_image raw "$tmpdir/expected" qcow2 "$tmpdir/disk"
    expect test -z "$(find "$tmpdir" -name '*in-place')"
    expect_nothing_left
done
