#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# No room for what nbdkit's gzip filter unpacks: status 8, and where it is.
. ./functions.sh

requires_plugin file
requires_filter gzip
requires_root
requires_program gzip
mkdir "$tmpdir/small"
random_bytes disk | head -c 12M >"$tmpdir/raw"
gzip "$tmpdir/raw"
cat >"$tmpdir/inside" <<END
mount -t tmpfs -o size=8M none "$tmpdir/small"
TMPDIR="$tmpdir/small" "\$@"
END
requires unshare --mount --propagation private \
    mount -t tmpfs none "$tmpdir/small"
for what in "-o null" --check; do
    # shellcheck disable=SC2086
    resolve v2v-nbdkit-launch -io filter=gzip "$tmpdir/raw.gz" $what
    run_expecting 8:space:false unshare --mount --propagation private \
        sh "$tmpdir/inside" "${resolved[@]}"
    expect_error 'No space left'
    expect_hint 'set TMPDIR'
done
expect_nothing_left
