#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A conversion that resizes the disk, or puts another image in the place of its
# overlay, while the source is copied: the target is what it has made.
. ./functions.sh
. "$abs_srcdir/ahead.sh"

requires_plugin file
make_ahead disk two
start_nbdkit source --readonly file "$tmpdir/disk"
source=$nbdkit_uri
start_nbdkit two --readonly file "$tmpdir/two"
mkdir "$tmpdir/out"
stored="while [ ! -e '$tmpdir/out/guest.part/journal' ]; do sleep 0.1; done"
copy=(v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest --verify
      --checksum --resume)

# becomes SIZE CONVERSION: what the first disk was, with another length.
becomes ()
{
    cp --sparse=always "$tmpdir/disk" "$tmpdir/want"
    truncate -s "$1" "$tmpdir/want"
    qemu-io -f raw -c 'write -P 5 1M 1M' "$tmpdir/want" >/dev/null
    for format in raw qcow2; do
        run_expecting 0 "${copy[@]}" -of $format \
            --convert "$stored; $2" "$source" "$nbdkit_uri"
        expect_stderr 'Copying the source meanwhile'
        expect_same_image raw "$tmpdir/want" $format "$tmpdir/out/guest-sda"
        expect test "$(virtual_size $format "$tmpdir/out/guest-sda")" = \
            "$(stat -c %s "$tmpdir/want")"
        # The other disk is only converted.
        expect_same_image raw "$tmpdir/two" $format "$tmpdir/out/guest-sdb"
        expect_nothing_left
        rm "$tmpdir/out"/*
    done
}

write="qemu-io -f qcow2 -c 'write -P 5 1M 1M' \"\$overlay\" >/dev/null"
becomes 200M "qemu-img resize -q -f qcow2 \"\$overlay\" 200M; $write"
becomes 100M "qemu-img resize -q --shrink -f qcow2 \"\$overlay\" 100M; $write"
becomes 150M "$write
    qemu-img convert -U -O qcow2 \"\$overlay\" \"\$overlay.new\" &&
    mv \"\$overlay.new\" \"\$overlay\""
