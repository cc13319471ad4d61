#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --source-limit counts the disks of each host by itself: by the host's name in
# URLs and URIs, the ESXi host behind vCenter, or --limit-key.  A guest that has
# disks of two of them takes nothing from one while it waits for the other.
. ./functions.sh

requires_plugin file curl
make_disk "$tmpdir/disk" 1M
mkdir "$tmpdir/www" "$tmpdir/limits"
cp "$tmpdir/disk" "$tmpdir/www/disk"
start_nginx
start_nbdkit_tcp file "$tmpdir/disk"
limit=(--source-limit 1 --limit-dir "$tmpdir/limits")

# The slots that there are: none of them is removed.
slots () { ls "$tmpdir/limits" | sed -n 's/+0$//p' | sort | tr '\n' ' '; }

run_expecting 0 v2v-nbdkit-launch "${limit[@]}" -o null "$tmpdir/disk" \
    "$http_url/disk" "nbd://localhost:$nbd_port"
expect test "$(slots)" = '127.0.0.1 localhost '
rm "$tmpdir"/limits/*

# The names of hosts have no case.
run_expecting 0 v2v-nbdkit-launch "${limit[@]}" -o null \
    "nbd://LocalHost:$nbd_port"
expect test "$(slots)" = 'localhost '
rm "$tmpdir"/limits/*

# take FD HOST: as a run that reads from it; and an end to that.
take () { eval "exec $1<'$tmpdir/limits/$2+0'" && flock -n "$1"; }
give_back () { flock -u "$1"; }
has_ticket () { test -e "$tmpdir/limits/$1+ticket+1"; }
can_read ()
{
    run_expecting 0 v2v-nbdkit-launch "${limit[@]}" --wait-timeout 5 \
        --limit-key "$1" -o null "$tmpdir/disk"
}

touch "$tmpdir"/limits/{127.0.0.1,localhost}+0
take 11 localhost
run_in_background v2v-nbdkit-launch "${limit[@]}" -o null "$tmpdir/disk" \
    "$http_url/disk"
wait_for has_ticket localhost
can_read 127.0.0.1
take 12 127.0.0.1
give_back 11
wait_for has_ticket 127.0.0.1
can_read localhost
give_back 12
wait_expecting 0
rm "$tmpdir"/limits/*

# Reading its description and printing commands opens no disk.
run_expecting 0 v2v-nbdkit-launch "${limit[@]}" --dry-run "$tmpdir/disk"
run_expecting 0 v2v-nbdkit-launch "${limit[@]}" --print-source "$tmpdir/disk"
expect test "$(slots)" = ''

run_expecting 0 v2v-nbdkit-launch "${limit[@]}" --limit-key ..%x -o null \
    "$tmpdir/disk" "$http_url/disk"
expect test "$(slots)" = '%2E.%25x '
run_expecting 0 v2v-nbdkit-launch "${limit[@]}" --run true "$tmpdir/disk"
run_expecting 0 v2v-nbdkit-launch "${limit[@]}" --check "$tmpdir/disk"
expect test "$(slots)" = '%2E.%25x localhost '
expect_nothing_left
