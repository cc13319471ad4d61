#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A source that changes while it is copied: status 6, nothing is committed, and
# nothing of what was copied is used by a later run.
. ./functions.sh

requires_plugin file
requires_filter rate
requires_program curl
truncate -s 140M "$tmpdir/disk"
write_random "$tmpdir/disk" 0 $((140 << 20))
mkdir "$tmpdir/out" "$tmpdir/www"
mv "$tmpdir/disk" "$tmpdir/www/disk"
start_nginx
for source in "$tmpdir/www/disk" "$http_url/disk"; do
    copy=(v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest "$source")
    run_in_background "${copy[@]}" --bandwidth 200M
    wait_for test -e "$tmpdir/out/guest.part/journal"
    # What was read already.
    printf X | dd of="$tmpdir/www/disk" bs=1 seek=1000 conv=notrunc \
        status=none
    touch -d "$((RANDOM + 100)) seconds ago" "$tmpdir/www/disk"
    wait_expecting 6:source-changed:false
    expect_error 'a source changed while it was copied: '
    expect_stderr 'hint: .*copy it again'
    expect test -z "$(ls -A "$tmpdir/out")"
    expect_nothing_left
    run_expecting 0 "${copy[@]}" --resume
    expect_same "$tmpdir/www/disk" "$tmpdir/out/guest-sda"
    rm -r "$tmpdir"/out/*
done
