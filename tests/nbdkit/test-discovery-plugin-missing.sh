#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A missing plugin: status 3, and which package to install.
. ./functions.sh

use_stand_in 1.32 retry readahead
for plugin in curl ssh nbd file; do
    mv "$V2V_STANDIN_DIR/plugins/nbdkit-$plugin-plugin.so" "$tmpdir/"
done
touch "$tmpdir/disk"
without ()
{
    run_expecting 3:nbdkit-plugin:false v2v-nbdkit-launch --dry-run "$2"
    expect_error "the nbdkit plugin '$1' cannot be used"
    expect_hint install
}
without curl http://localhost/disk
without ssh ssh://localhost/disk
without nbd nbd://localhost/disk
without file "$tmpdir/disk"
