#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A mistyped nbdkit plugin or filter: what it was meant to be; the filter is
# not taken for the plugin.
. ./functions.sh

requires_plugin file
requires_filter rate
make_disk "$tmpdir/disk" 1M

run_expecting 3:nbdkit-plugin:false v2v-nbdkit-launch -i nbdkit flie \
    "$tmpdir/disk" -o null
expect_hint "did you mean 'file'"
run_expecting 3:nbdkit-plugin:false v2v-nbdkit-launch -i nbdkit \
    nothing-like-it -o null
expect_hint 'install it: apt install'
# So is a parameter, which nothing cures.
requires_program jq
run_expecting 4:unsupported:false v2v-nbdkit-launch --machine-readable \
    -i nbdkit file "$tmpdir/disk" flie=x -o null
expect_hint '--help'
jq -e -s 'last | .reason == "unsupported" and .retryable == false' "$out" >&2
run_expecting 3:nbdkit-plugin:false v2v-nbdkit-launch -i nbdkit file \
    "$tmpdir/disk" -o null -io filter=rtae
expect_error 'filter=rtae: .*no such filter'
expect_hint "did you mean 'rate'"
run_expecting 3:nbdkit-plugin:false v2v-nbdkit-launch -i nbdkit file \
    "$tmpdir/disk" -o null -io filter=nothing-like-it
expect_hint 'filterdir'
