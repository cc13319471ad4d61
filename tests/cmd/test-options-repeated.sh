#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# An option with one value is given once: the value that does not count would
# be ignored.  Options whose values add up, and those without one, may repeat.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/disk" 1M
mkdir "$tmpdir/one" "$tmpdir/two"

# twice OPTION ARGUMENT...
twice ()
{
    run_expecting 2:usage:false v2v-nbdkit-launch "${@:2}" "$tmpdir/disk"
    expect_error "the option $1 was given more than once"
    expect test -z "$(find "$tmpdir/one" "$tmpdir/two" -mindepth 1)"
}

twice -os -o disk -os "$tmpdir/one" -os "$tmpdir/two"
twice -os -os="$tmpdir/one" --os "$tmpdir/one"
twice -o -o null -o disk -os "$tmpdir/one"
twice -i -i disk -i nbdkit -o null
twice --retries --retries 1 -o null --retries 2
twice --machine-readable --machine-readable --machine-readable=fd:1 -o null
twice --state-dir --state-dir "$tmpdir/one" --state-dir "$tmpdir/two" -o null

run_expecting 0 v2v-nbdkit-launch -q -q -v -v --verbose --verify --verify \
    -os "$tmpdir/one" -on guest "$tmpdir/disk" \
    -io allow-backing=true -io filter=readahead -oo mode=0600
expect_same "$tmpdir/disk" "$tmpdir/one/guest-sda"
