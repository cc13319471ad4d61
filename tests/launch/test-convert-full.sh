#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The space for the overlays ends while COMMAND writes: it is said whether or
# not COMMAND cares, and no target is left.
. ./functions.sh

requires_plugin file
requires_root
truncate -s 32M "$tmpdir/disk"
mkdir "$tmpdir/out" "$tmpdir/small"
requires unshare --mount --propagation private \
    mount -t tmpfs none "$tmpdir/small"

# on_small_disk STATUS FILL COMMAND: FILL bytes of 8 MiB are used before.
on_small_disk ()
{
    resolve v2v-nbdkit-launch -if raw -o disk -os "$tmpdir/out" -on guest \
        --overlay-dir "$tmpdir/small" --result-file "$tmpdir/result" \
        --convert "$3" "$tmpdir/disk"
    run_expecting "$1" unshare --mount --propagation private sh -e -c "
        mount -t tmpfs -o ${options:-size=8M} none '$tmpdir/small'
        head -c $2 /dev/zero >'$tmpdir/small/fill' || :
        exec \"\$@\"" sh "${resolved[@]}"
    expect test -z "$(ls -A "$tmpdir/out")"
    expect_nothing_left
}

write='qemu-io -f raw -c "write -P 7 0 20M" "$V2V_OVERLAY_URI_0"'
on_small_disk 5 0 "$write"
expect_error 'status 1'
expect_stderr 'hint: .*overlay directory is full: .*--overlay-dir'
on_small_disk 8 0 "$write; exit 0"
expect_error 'has no space left'
expect test "$(jq -r .reason "$tmpdir/result")" = space
on_small_disk 8 0 'qemu-io -f qcow2 -c "write -P 7 0 20M" "$overlay"; exit 0'
expect_error 'has no space left'
on_small_disk 8 8388608 true
expect_error 'No space left'
expect_stderr 'hint: .*--overlay-dir'
# The directory can just be made.
on_small_disk 8 8380416 true
expect_error 'No space left'
expect_stderr 'hint: .*--overlay-dir'
# Not even that.
options=nr_inodes=2 on_small_disk 8 0 true
expect_error 'cannot create a directory in .*: No space left'
