#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A target file system that is full: nothing is left behind.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/disk" 4M
mkdir "$tmpdir/out"
remember "$tmpdir/disk"
requires_root
cat >"$tmpdir/inside" <<END
mount -t tmpfs -o size=2M none "$tmpdir/out"
"\$@"
status=\$?
ls -A "$tmpdir/out" >"$tmpdir/left"
exit \$status
END
requires unshare --mount --propagation private \
    mount -t tmpfs none "$tmpdir/out"
write_random "$tmpdir/disk" 0 4194304
remember "$tmpdir/disk"
resolve v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest "$tmpdir/disk"
run_expecting 8:space:false unshare --mount --propagation private \
    sh "$tmpdir/inside" "${resolved[@]}"
expect_error 'No space left on device'
expect test ! -s "$tmpdir/left"
expect_untouched
expect_nothing_left
