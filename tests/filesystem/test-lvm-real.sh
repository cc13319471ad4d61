#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Logical volumes that the real LVM has made, extended, reduced, striped,
# renamed and split off are read as LVM itself says that they lie, whatever its
# physical volumes are like.
. ./functions.sh
. "$abs_srcdir/filesystem/lvm.sh"
requires_program python3 losetup

for disk in sda sdb sdc; do
    truncate -s 44M "$tmpdir/$disk"
    write_random "$tmpdir/$disk" 0 46137344
done
make_pv "$tmpdir/sda" 1048576 41943040
make_pv "$tmpdir/sdb"
make_pv "$tmpdir/sdc" 2097152 18874368
make_pv "$tmpdir/sdc" 20971520 25165824
a=${lvm_devices[0]} b=${lvm_devices[1]} c=${lvm_devices[2]} d=${lvm_devices[3]}

# A ring so small that the metadata go around in it (at the end), two copies,
# none, and extents that do not begin where they usually do.
on_lvm pvcreate --metadatasize 16k --dataalignment 64k "$a"
on_lvm pvcreate --metadatacopies 2 "$b"
on_lvm pvcreate --metadatacopies 0 "$c"
on_lvm pvcreate --dataalignment 3m --labelsector 3 --setphysicalvolumesize 20m \
    "$d"
on_lvm vgcreate -s 1m vg "$a" "$b" "$c"
create_lv -n root -l 7 vg "$a"
create_lv -n home -l 5 vg "$a"
on_lvm lvextend -l +6 vg/root "$a"
on_lvm lvextend -l +3 vg/root "$c"
create_lv -n two -i 2 -I 4k -l 6 vg "$a" "$b"
create_lv -n three -i 3 -I 256k -l 9 vg "$a" "$b" "$c"
on_lvm lvextend -l +3 vg/three "$a" "$b" "$c"
on_lvm lvextend -i 1 -l +2 vg/two "$b"
expect_volumes vg root home two three
# 2.03.31 wants to look for a file system in what is not active.
fs=()
[[ $(lvm lvreduce --help 2>&1) != *--fs* ]] || fs=(--fs ignore)
on_lvm lvreduce "${fs[@]}" -f -y -l -4 vg/root
on_lvm lvremove -f vg/home
create_lv -n again -l 9 vg "$a" "$b"
on_lvm lvchange --permission r --addtag '@a-tag' vg/again
expect_volumes vg root two three again

# A group that grows, and whose name has characters of its own.
on_lvm vgextend vg "$d"
on_lvm pvresize "$d"
create_lv -n late -l 18 vg "$d"
on_lvm vgchange --vgmetadatacopies 1 vg
on_lvm vgrename vg 'v-g.+_0'
expect_volumes 'v-g.+_0' root two three again late
on_lvm vgsplit 'v-g.+_0' split "$d"
expect_volumes split late
expect_volumes 'v-g.+_0' root two three again
for i in {1..7}; do
    on_lvm vgchange --addtag "a-tag-that-takes-some-room-$i" 'v-g.+_0'
    [ "$i" -lt 5 ] || expect_volumes 'v-g.+_0' root two three again
done

# Each has the metadata again.
on_lvm vgchange --vgmetadatacopies all 'v-g.+_0'

# Not used whole by mistake, nor in use by another host.
on_lvm vgexport split
sync
"$abs_builddir/lvm-volumes" "${lvm_arguments[@]}" >"$tmpdir/found"
expect grep -q 'whole .*volume group split: .*"EXPORTED"' "$tmpdir/found"
expect_not grep -q ' split/late' "$tmpdir/found"

# Each alone: the volumes that lie on what is not there are used whole.
"$abs_builddir/lvm-volumes" "${lvm_arguments[1]}" >"$tmpdir/found"
expect grep -q ' whole v-g.+_0/three: .*missing' "$tmpdir/found"
