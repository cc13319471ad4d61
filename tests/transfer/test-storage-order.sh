#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Data are on stable storage before the journal says so and before the disks
# and the guest's XML get their names; the names are, before the journal goes.
. ./functions.sh
. "$abs_srcdir/storage.sh"

requires_plugin file
# Compressed clusters are whole.
truncate -s 4M "$tmpdir/disk"
write_random "$tmpdir/disk" 0 $((1 << 20))
write_random "$tmpdir/disk" $((3 << 20)) $((1 << 20))
out_dir=$tmpdir/out
part="$out_dir/guest.part/sda"

# in_order WRITES SYNC: how the data were written, what flushed them.
in_order ()
{
    local sync="$2"

    # Of the data: after the last write, before the journal.
    expect_order "$(last "$1")" \
        "$(first "$sync" "$(last "$1")")" \
        "$(first "rename 0 $out_dir/guest.part/journal.tmp $out_dir/guest.part/journal")"
    expect_order "$(first "begin-fsync 0 $out_dir/guest.part/journal.tmp")" \
        "$(first " fsync 0 $out_dir/guest.part/journal.tmp")" \
        "$(first "rename 0 $out_dir/guest.part/journal.tmp")"
    expect_order "$(last "$1")" \
        "$(last "begin-fsync 0 $part")" \
        "$(last " fsync 0 $part")" \
        "$(first "rename 0 $part $out_dir/guest-sda")"
    named_in_order
}

named_in_order ()
{
    local named

    named=$(first "rename 0 $part $out_dir/guest-sda")
    expect_order "$(first " fsync 0 $out_dir/guest.part/document.tmp")" \
        "$(first "rename 0 $out_dir/guest.part/document $out_dir/guest.xml\$")" \
        "$(first "begin-fsync 0 $out_dir\$" "$(
             first "rename 0 .* $out_dir/guest.xml\$")")" \
        "$(first " unlink 0 $out_dir/guest.part/journal\$")" \
        "$(last " fsync 0 $out_dir/guest.part\$")"
    expect_order "$named" \
        "$(first "begin-fsync 0 $out_dir\$" "$named")" \
        "$(first " fsync 0 $out_dir\$" "$named")" \
        "$(first " unlink 0 $out_dir/guest.part/journal\$")"
}

# A qcow2 image that this program writes gets its tables with the data, and in
# the end its refcounts, and the header that says that they are right.
completed_in_order ()
{
    local written="launch [0-9]* pwrite 0 $part" header journal
    journal=$(first "rename 0 $out_dir/guest.part/journal.tmp $out_dir/guest.part/journal")
    header=$(last "$written")

    expect_order "$(last "$written" "$journal")" \
        "$(last "begin-fsync 0 $part" "$journal")" \
        "$(last " fsync 0 $part" "$journal")" "$journal"
    expect_order "$journal" \
        "$(last "$written" "$header")" \
        "$(last "begin-fsync 0 $part" "$header")" \
        "$(last " fsync 0 $part" "$header")" "$header" \
        "$(last "begin-fsync 0 $part")" \
        "$(last " fsync 0 $part")" \
        "$(first "rename 0 $part $out_dir/guest-sda")"
    named_in_order
}

for kind in raw preallocated qcow2 compressed allocated; do
    rm -rf "$out_dir"
    mkdir "$out_dir"
    case $kind in
        raw) options=() ;;
        preallocated) options=(-oa preallocated) ;;
        qcow2) options=(-of qcow2) ;;
        compressed) options=(-of qcow2 -oo compressed) ;;
        allocated) options=(-of qcow2 -oa preallocated) ;;
    esac
    recorded 0 -o disk -os "$out_dir" -on guest "${options[@]}" \
        "$tmpdir/disk"
    case $kind in
        allocated)
            # What it writes at its end is synced by the command.
            in_order "qemu-nbd [0-9]* pwritev? 0 $part" \
                "begin-f(data)?sync 0 $part" ;;
        qcow2|compressed) completed_in_order ;;
        *)
            in_order "launch [0-9]* pwrite 0 $part" "begin-fsync 0 $part" ;;
    esac
done
expect_nothing_left
