#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Wrong usage is status 2 and says what is wrong.
. ./functions.sh

touch "$tmpdir/disk"
wrong ()
{
    local regex=$1

    shift
    run_expecting 2 v2v-nbdkit-launch "$@"
    expect_error "$regex"
    expect test ! -s "$out"
}

wrong 'no-such-option' --no-such-option "$tmpdir/disk"
wrong 'carrot' -i carrot "$tmpdir/disk"
wrong 'carrot' -o carrot "$tmpdir/disk"
wrong 'carrot' -o null -of carrot "$tmpdir/disk"
wrong 'carrot' -o null --readahead carrot "$tmpdir/disk"
wrong 'carrot' -o null --retries carrot "$tmpdir/disk"
wrong 'retries' -o null --retries -1 "$tmpdir/disk"
wrong 'retries' -o null --retries 99999999999999999999 "$tmpdir/disk"
wrong 'carrot' -o null -io carrot=1 "$tmpdir/disk"
wrong 'carrot' -o null -oo carrot=1 "$tmpdir/disk"
wrong '-os' -o disk "$tmpdir/disk"
wrong 'path' -o device "$tmpdir/disk"
wrong 'uri' -o nbd "$tmpdir/disk"
wrong 'run' -o null --run true --convert true "$tmpdir/disk"
wrong 'nbdkit|plugin' -i nbdkit -o null
wrong 'disk|source' -i disk -o null
wrong '-ip|password' -o null -ip "$tmpdir/no-such-file" \
    ssh://localhost/disk
expect_nothing_left
