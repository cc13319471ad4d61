#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --skip-unused on a guest with LVM: its root is a linear volume that goes on
# on a second disk, and another one is striped on both.
[ -z "${V2V_TEST_LONG-}" ] || : "${V2V_TEST_TIMEOUT:=1800}"
export V2V_TEST_TIMEOUT
. ./functions.sh
. "$abs_srcdir/filesystem/lived-in.sh"
requires_program lvm mke2fs mkfs.xfs xfs_db sfdisk mkswap
requires_root

# on_lvm COMMAND...: one of LVM's, which sees our devices only, and makes no
# device nodes: LVM itself must not know of this volume group.
on_lvm ()
{
    LVM_SYSTEM_DIR=$tmpdir/lvm LVM_SUPPRESS_FD_WARNINGS=1 \
        lvm "$1" --driverloaded n --config "
        devices { use_devicesfile=0 obtain_device_list_from_udev=0
          external_device_info_source=\"none\" scan=[\"/dev\"]
          filter=[\"a|^$first\$|\", \"a|^$second\$|\", \"r|.*|\"] }
        activation { udev_sync=0 udev_rules=0 monitoring=0 }
        global { event_activation=0 locking_dir=\"$tmpdir/lvm\" }
        backup { backup=0 archive=0 }" "${@:2}" \
        2>>"$tmpdir/logs/lvm"
}

lvm_type=E6D6D379-F507-44C2-A23C-238F2A3DF928

# use_disks SIZE-OF-PV-1 SIZE-OF-PV-2: the first is a partition of $tmpdir/sda,
# behind one for /boot, the second is the disk $tmpdir/sdb.
use_disks ()
{
    rm -f "$tmpdir"/sd[ab] "$tmpdir"/sd[ab].free
    truncate -s $((at + $1 + 2097152)) "$tmpdir/sda"
    truncate -s "$2" "$tmpdir/sdb"
    sfdisk -q --no-reread --no-tell-kernel "$tmpdir/sda" <<END
label: gpt
start=2048, size=$(((at - 1048576) / 512))
start=$((at / 512)), size=$(($1 / 512)), type=$lvm_type
END
    first='' second=''
    first=$(losetup --find --show --offset "$at" --sizelimit "$1" \
        "$tmpdir/sda" 2>/dev/null) || skip "there are no loop devices here"
    cleanup_fn losetup --detach "$first"
    second=$(losetup --find --show "$tmpdir/sdb" 2>/dev/null) ||
        skip "there are no loop devices here"
    cleanup_fn losetup --detach "$second"
    places=("$first=$tmpdir/sda:$at" "$second=$tmpdir/sdb:0")
}

# place_volume LV VOLUME: VOLUME is on the logical volume LV.
place_volume ()
{
    "$lived_in/lvm-place" "$tmpdir/lvs" "$tmpdir/pvs" "$1" "$2" "$2.free" \
        "${places[@]}"
}

# gather_volume LV VOLUME: from the copies.
gather_volume ()
{
    rm -f "$2"
    "$lived_in/lvm-place" --gather "$tmpdir/lvs" "$tmpdir/pvs" "$1" "$2" \
        "$first=$tmpdir/out/guest-sda:$at" "$second=$tmpdir/out/guest-sdb:0"
}

lvm_reports ()
{
    local json=(--reportformat json --units b --nosuffix)

    on_lvm lvs "${json[@]}" -o lv_name,segtype,stripes,stripe_size \
        -o +seg_start_pe,seg_size_pe,seg_pe_ranges,vg_extent_size \
        vg >"$tmpdir/lvs"
    on_lvm pvs "${json[@]}" -o pv_name,pe_start >"$tmpdir/pvs"
    on_lvm lvs -o lv_name,segtype,seg_pe_ranges vg >>"$tmpdir/logs/lvs"
}

# lvcreate without a driver: the volume's device is neither made nor zeroed.
create () { on_lvm lvcreate -q -an -Zn -Wn "$@" >>"$tmpdir/logs/lvm"; }

mkdir "$tmpdir/lvm"
make_volume ext "$tmpdir/boot" 12M mke2fs -q -F -t ext2 -b 1024
at=$((14 * 1048576))
use_disks $((61 * 1048576)) $((60 * 1048576))
on_lvm pvcreate -q "$first" "$second" >>"$tmpdir/logs/lvm"
on_lvm vgcreate -q -s 1m vg "$first" "$second" >>"$tmpdir/logs/lvm"
create -n root -L 20m vg "$first"
create -n data -i 2 -I 64k -L 40m vg
on_lvm lvextend -q -L +12m vg/root "$second" >>"$tmpdir/logs/lvm"
create -n swap -L 4m vg
create -n gone -L 3m vg
create -n raw -L 3m vg
on_lvm lvremove -q -y vg/gone >>"$tmpdir/logs/lvm"
on_lvm lvextend -q -L +2m vg/swap >>"$tmpdir/logs/lvm"
lvm_reports
# The shapes that this is about are there.
expect grep -q striped "$tmpdir/lvs"
expect test "$(grep -c '"lv_name":"root"' "$tmpdir/lvs")" -ge 2

make_volume xfs "$tmpdir/root" 32M mkfs.xfs -q -l size=4m -m reflink=0
make_volume ext "$tmpdir/data" 40M mke2fs -q -F -t ext4
make_swap "$tmpdir/swap" 6M
truncate -s 3M "$tmpdir/raw"
write_random "$tmpdir/raw" 0 3145728
list_free none "$tmpdir/raw"
put_volume "$tmpdir/boot" "$tmpdir/sda" 1048576
for lv in root data swap raw; do
    place_volume $lv "$tmpdir/$lv"
done

copy_from http "$tmpdir/sda" "$tmpdir/sdb"
n=0
for disk in sda sdb; do
    expect_only_free "$tmpdir/$disk" "$tmpdir/out/guest-$disk"
    expect_dropped
    expect_counted $((n++))
done
for lv in root data swap raw; do
    gather_volume $lv "$tmpdir/copy"
    expect_whole_volume "$tmpdir/$lv" "$tmpdir/copy"
done
take_volume "$tmpdir/out/guest-sda" 1048576 "$tmpdir/boot" "$tmpdir/copy"
expect_whole_volume "$tmpdir/boot" "$tmpdir/copy"

# One of the two disks alone says nothing for certain of what is on both.
copy_from http "$tmpdir/sda"
expect_only_free "$tmpdir/sda" "$tmpdir/out/guest-sda"
