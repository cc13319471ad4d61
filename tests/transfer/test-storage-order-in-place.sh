#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --in-place: the overlays are on stable storage before the record says that
# they are complete, the record before the disks are written, and the disks
# before the record is no longer valid.
. ./functions.sh
. "$abs_srcdir/storage.sh"

requires_plugin file
requires_program qemu-io
make_disk "$tmpdir/raw" 2M
for kind in raw qcow2; do
    disk=$tmpdir/disk-$kind
    qemu-img convert -f raw -O $kind "$tmpdir/raw" "$disk"
    recorded 0 --in-place -if $kind --convert \
        'qemu-io -f raw -c "write -P 7 1M 64k" "$V2V_OVERLAY_URI_0"' "$disk"
    case $kind in
        raw) wrote="launch [0-9]* pwrite 0 $disk " ;;
        qcow2) wrote="qemu-nbd [0-9]* pwritev? 0 $disk " ;;
    esac
    overlay=$(sed -n 's/^qemu-nbd .* 0 \(.*sda.qcow2\) .*/\1/p' "$calls" |
                  head -n 1)
    dir=${overlay%/*}
    written=$(first "$wrote")
    # The last name that the record gets before the disk is written.
    recorded_at=$(last ' rename 0 [^ ]*in-place' "$written")
    record=$(sed -n "${recorded_at}s/.* //p" "$calls")
    converted=$(last "^qemu-nbd .* 0 $overlay ")
    expect_order "$converted" \
        "$(last "launch [0-9]* begin-fsync 0 $overlay\$")" \
        "$(last "launch [0-9]* fsync 0 $overlay\$")" \
        "$(first "launch [0-9]* fsync 0 $dir\$" "$converted")" \
        "$(first "launch [0-9]* fsync 0 ${dir%/*}\$" "$converted")" \
        "$recorded_at"
    expect_order "$(first 'begin-fsync 0 [^ ]*in-place')" \
        "$(first ' fsync 0 [^ ]*in-place')" \
        "$(first ' rename 0 [^ ]*in-place')"
    expect_order "$recorded_at" \
        "$(first " fsync 0 ${record%/*}\$" "$recorded_at")" \
        "$written" \
        "$(last "$wrote")" \
        "$(last "launch [0-9]* begin-fsync 0 $disk\$")" \
        "$(last "launch [0-9]* fsync 0 $disk\$")" \
        "$(first " rename 0 $record $record.new\$")" \
        "$(first " fsync 0 ${record%/*}\$" "$(
             first " rename 0 $record $record.new\$")")" \
        "$(first " unlink 0 $overlay\$")" \
        "$(first " unlink 0 $record.new\$")"
done
expect_nothing_left
