#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Too little space for the target is said before anything is written; holes
# need none.
. ./functions.sh

requires_plugin file
requires_root
truncate -s 64M "$tmpdir/disk"
write_random "$tmpdir/disk" 1048576 1048576
mkdir "$tmpdir/out"
cat >"$tmpdir/inside" <<END
mount -t tmpfs -o size=8M none "$tmpdir/out"
"\$@"
status=\$?
ls -A "$tmpdir/out" >"$tmpdir/left"
exit \$status
END
requires unshare --mount --propagation private \
    mount -t tmpfs none "$tmpdir/out"

# on_small_disk STATUS ARGUMENT...
on_small_disk ()
{
    resolve v2v-nbdkit-launch -os "$tmpdir/out" -on guest "${@:2}" \
        "$tmpdir/disk"
    run_expecting "$1" unshare --mount --propagation private \
        sh "$tmpdir/inside" "${resolved[@]}"
}

on_small_disk 0
on_small_disk 0 --check
on_small_disk 8:space:false -oa preallocated \
    --convert "touch '$tmpdir/converted'"
expect_error '64 MiB are needed, [0-9.]+ [KM]iB are free'
write_random "$tmpdir/disk" 4194304 16777216
on_small_disk 8:space:false --check
expect_stdout '^error +target-space'
on_small_disk 8:space:false --convert "touch '$tmpdir/converted'"
expect_error '17 MiB are needed, 8 MiB are free'
expect test ! -s "$tmpdir/left"
expect test ! -e "$tmpdir/converted"
expect_nothing_left
