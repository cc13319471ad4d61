#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# COMMAND makes a disk larger or smaller, or leaves a snapshot in it: a local
# disk, and remote ones, of which what is read is kept.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/disk" 4M
qemu-img convert -f raw -O qcow2 "$tmpdir/disk" "$tmpdir/disk.qcow2"
remember "$tmpdir/disk" "$tmpdir/disk.qcow2"
start_nbdkit raw --readonly file "$tmpdir/disk"
start_nbdkit qcow2 --readonly file "$tmpdir/disk.qcow2"

# copies COMMAND: the result is $tmpdir/want.
copies ()
{
    local source format

    for source in "$tmpdir/disk" "$tmpdir/disk.qcow2" \
        "nbd+unix:///?socket=$tmpdir/raw.sock" \
        "nbd+unix:///?socket=$tmpdir/qcow2.sock"; do
        case $source in *qcow2*) format=qcow2 ;; *) format=raw ;; esac
        rm -rf "$tmpdir/out"
        mkdir "$tmpdir/out"
        run_expecting 0 v2v-nbdkit-launch -if $format -o disk \
            -os "$tmpdir/out" -on guest --convert "set -e; $1" "$source"
        expect_same "$tmpdir/want" "$tmpdir/out/guest-sda"
    done
    expect_untouched
    expect_nothing_left
}

cp "$tmpdir/disk" "$tmpdir/want"
truncate -s 6M "$tmpdir/want"
copies 'qemu-img resize -q -f qcow2 "$overlay" 6M'
truncate -s 1M "$tmpdir/want"
copies 'qemu-img resize -q -f qcow2 --shrink "$overlay" 1M'
cp "$tmpdir/disk" "$tmpdir/want"
write_zeroes "$tmpdir/want" 0 65536
copies 'qemu-io -f qcow2 -c "write -P 5 0 1M" "$overlay" >/dev/null
        qemu-img snapshot -c before "$overlay"
        qemu-io -f qcow2 -c "write -P 6 0 1M" "$overlay" >/dev/null
        qemu-img snapshot -a before "$overlay"
        qemu-img snapshot -d before "$overlay"
        qemu-img snapshot -c empty "$overlay"
        qemu-io -f qcow2 -c "discard 0 1M" -c "write -z 0 64k" "$overlay" \
            >/dev/null
        dd if="'"$tmpdir/disk"'" bs=64k skip=1 count=15 status=none >part
        qemu-io -f qcow2 -c "write -s part 64k 960k" "$overlay" >/dev/null
        rm part'
