# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: GPL-2.0-or-later

# Physical volumes on loop devices for the real LVM, which sees no others and
# makes no device nodes: it only writes metadata.

requires_program lvm
requires_root
lvm_devices=()                  # the loop devices
lvm_places=()                   # for lvm-place: DEVICE=FILE:OFFSET
lvm_arguments=()                # for lvm-volumes: FILE:OFFSET:SIZE

# make_pv FILE [OFFSET SIZE]: a loop device for a part of FILE, or all of it.
make_pv ()
{
    local offset=${2:-0} size=${3:-0} device

    device=$(losetup --find --show --offset "$offset" --sizelimit "$size" \
        -- "$1" 2>/dev/null) || skip "there are no loop devices here"
    cleanup_fn losetup --detach "$device"
    lvm_devices+=("$device")
    lvm_places+=("$device=$1:$offset")
    [ "$size" != 0 ] || size=$(stat -c %s -- "$1")
    lvm_arguments+=("$1:$offset:$size")
}

# on_lvm COMMAND...: one of LVM's.
on_lvm ()
{
    mkdir -p "$tmpdir/lvm"
    {
        printf 'devices { use_devicesfile=0 obtain_device_list_from_udev=0\n'
        printf 'external_device_info_source="none" scan=["/dev"] filter=['
        printf '"a|^%s$|",' "${lvm_devices[@]}"
        printf '"r|.*|"] }\n'
        printf 'activation { udev_sync=0 udev_rules=0 monitoring=0 }\n'
        printf 'global { activation=0 event_activation=0 '
        printf 'locking_dir="%s" }\n' "$tmpdir/lvm"
        printf 'backup { backup=0 archive=0 }\n'
    } >"$tmpdir/lvm/lvm.conf"
    LVM_SYSTEM_DIR=$tmpdir/lvm LVM_SUPPRESS_FD_WARNINGS=1 lvm "$@" \
        >>"$tmpdir/logs/lvm" 2>&1 || fail "LVM cannot: $*"
}

# create_lv [OPTION...]: a logical volume, which is neither made active nor
# zeroed.
create_lv () { on_lvm lvcreate -an -Zn -Wn "$@"; }

# report_lvm VG: what lvm-place wants to know, in $tmpdir/lvs and $tmpdir/pvs.
report_lvm ()
{
    local json=(--reportformat json --units b --nosuffix)

    on_lvm lvs -o lv_name,segtype,seg_pe_ranges "$1"
    LVM_SYSTEM_DIR=$tmpdir/lvm LVM_SUPPRESS_FD_WARNINGS=1 \
        lvm lvs "${json[@]}" -o lv_name,segtype,stripes,stripe_size,seg_start_pe,seg_size_pe,seg_pe_ranges,vg_extent_size \
        "$1" >"$tmpdir/lvs" 2>>"$tmpdir/logs/lvm"
    LVM_SYSTEM_DIR=$tmpdir/lvm LVM_SUPPRESS_FD_WARNINGS=1 \
        lvm pvs "${json[@]}" -o pv_name,pe_start >"$tmpdir/pvs" \
        2>>"$tmpdir/logs/lvm"
}

# expect_volumes VG [LV...]: of the group, these volumes are found, by their
# names, and read as LVM itself says that they are.
expect_volumes ()
{
    local vg=$1 lv

    shift
    report_lvm "$vg"
    sync
    "$abs_builddir/lvm-volumes" "${lvm_arguments[@]}" >"$tmpdir/found"
    for lv; do
        rm -f "$tmpdir/volume"
        "$abs_srcdir/filesystem/lvm-place" --gather "$tmpdir/lvs" \
            "$tmpdir/pvs" "$lv" "$tmpdir/volume" "${lvm_places[@]}"
        printf '%s %s %s\n' "$(stat -c %s "$tmpdir/volume")" \
            "$(sha256sum <"$tmpdir/volume" | cut -d ' ' -f 1)" "$vg/$lv"
    done | LC_ALL=C sort >"$tmpdir/expected"
    grep " $vg/" "$tmpdir/found" | LC_ALL=C sort |
        diff -u "$tmpdir/expected" - || fail "$vg is not as LVM says"
}
