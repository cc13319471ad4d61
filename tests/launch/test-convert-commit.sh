#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A command that commits an overlay to what is below it is refused by that: the
# converted data would count as the source's, and not be copied.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/disk" 8M
start_nbdkit source --readonly file "$tmpdir/disk"
remember "$tmpdir/disk"
mkdir "$tmpdir/out"
write="qemu-io -f qcow2 -c 'write -P 5 1M 1M' \"\$overlay\" >/dev/null"
cp "$tmpdir/disk" "$tmpdir/want"
qemu-io -f raw -c 'write -P 5 1M 1M' "$tmpdir/want" >/dev/null

for options in '--copy-while-converting on' '--copy-while-converting off'; do
    for source in "$nbdkit_uri" "$tmpdir/disk"; do
        # shellcheck disable=SC2086
        run_expecting 5:convert:false v2v-nbdkit-launch -o disk \
            -os "$tmpdir/out" -on guest $options \
            --convert "$write; qemu-img commit \"\$overlay\"" "$source"
        expect_stderr '[Rr]ead.only'
        expect test -z "$(ls -A "$tmpdir/out")"
        # Nothing of it is lost if the command does not care.
        # shellcheck disable=SC2086
        run_expecting 0 v2v-nbdkit-launch -o disk \
            -os "$tmpdir/out" -on guest $options \
            --convert "$write; ! qemu-img commit \"\$overlay\"" "$source"
        expect_same "$tmpdir/want" "$tmpdir/out/guest-sda"
        expect_nothing_left
        rm "$tmpdir"/out/*
    done
done
expect_untouched
