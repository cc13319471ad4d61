#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# One target for two disks of a run: status 2, before anything is done.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/disk" 1M
truncate -s 1M "$tmpdir/target" "$tmpdir/behind" "$tmpdir/other"
ln -s target "$tmpdir/soft"
ln "$tmpdir/target" "$tmpdir/hard"
start_nbdkit target file "$tmpdir/behind"
ln -s "$nbdkit_socket" "$tmpdir/sock"

expect_refused ()
{
    run_expecting 2:usage:false v2v-nbdkit-launch "$@"
    expect_error "$refused"
    expect test "$(tr -d '\0' <"$tmpdir/target" | wc -c)" = 0
    expect test "$(tr -d '\0' <"$tmpdir/behind" | wc -c)" = 0
}

refused='same target'
for other in target soft hard ./hard; do
    expect_refused -o device -oo path="$tmpdir/target" \
        -oo path="$tmpdir/$other" "$tmpdir/disk" "$tmpdir/disk"
    expect_refused --check -o device -oo path="$tmpdir/other" \
        -oo path="$tmpdir/target" -oo path="$tmpdir/$other" \
        "$tmpdir/disk" "$tmpdir/disk" "$tmpdir/disk"
done
for other in "$nbdkit_uri" "nbd+unix:///?socket=$tmpdir/sock"; do
    expect_refused -o nbd -oo uri="$nbdkit_uri" -oo uri="$other" \
        "$tmpdir/disk" "$tmpdir/disk"
done
# Nothing has to be reached to know these.
for other in nbd://localhost/disk nbd://LOCALHOST:10809/disk; do
    expect_refused -o nbd -oo uri=nbd://localhost/disk -oo uri="$other" \
        "$tmpdir/disk" "$tmpdir/disk"
done

refused='source disk'
expect_refused -o nbd -oo uri="nbd+unix:///?socket=$tmpdir/sock" "$nbdkit_uri"
expect_refused -o device -oo path="$tmpdir/hard" "$tmpdir/target"
expect_nothing_left
