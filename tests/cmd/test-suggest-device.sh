#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The names of block devices are all alike: another one is no suggestion, as
# --in-place would overwrite it.
. ./functions.sh

requires_root
requires_plugin file
mknod "$tmpdir/vda" b 7 250 || skip "no device nodes can be made"
touch "$tmpdir/vdx"
for options in '-o null' '--in-place --convert true'; do
    # shellcheck disable=SC2086
    run_expecting 4:not-found:false v2v-nbdkit-launch $options "$tmpdir/vdb"
    expect_hint "'$tmpdir/vdx'"
    expect_no_stderr "'$tmpdir/vda'"
done
rm "$tmpdir/vdx"
run_expecting 4:not-found:false v2v-nbdkit-launch -o null "$tmpdir/vdb"
expect_no_stderr 'hint:'
