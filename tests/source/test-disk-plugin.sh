#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# -i nbdkit: any plugin is the disk.
. ./functions.sh

requires_plugin pattern
requires_program nbdcopy
mkdir "$tmpdir/out"
run_expecting 0 v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest \
    -i nbdkit pattern size=3M
nbdkit -U - pattern 3M --run 'nbdcopy "$uri" -' >"$tmpdir/want"
expect_same "$tmpdir/want" "$tmpdir/out/guest-sda"
# A name with a slash is the plugin's file.
plugindir=$(nbdkit --dump-config | sed -n 's/^plugindir=//p')
run_expecting 0 v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest \
    -i nbdkit "$plugindir/nbdkit-pattern-plugin.so" size=3M
expect_same "$tmpdir/want" "$tmpdir/out/guest-sda"
run_expecting 3:nbdkit-plugin:false v2v-nbdkit-launch -o null -i nbdkit \
    no-such-plugin
expect_error "the nbdkit plugin 'no-such-plugin' cannot be used"
expect_hint install
expect_nothing_left

# What a library of nbdkit's has no words for.
run_expecting 4 v2v-nbdkit-launch -o null \
    -i nbdkit eval get_size="echo 'no size: (null)' >&2; exit 1"
expect_error 'no size$'
