# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later

# Sourced by bench.sh: what --skip-unused gains.

# Disks with file systems that have been lived in, over a shared link.  They
# are made by mounting them (tests/filesystem/lived-in.sh).
requires_lived_in ()
{
    requires_root
    # shellcheck source=/dev/null
    [ -n "${lived_in-}" ] || . "$abs_srcdir/filesystem/lived-in.sh"
}

requires_link ()
{
    requires_lived_in
    [ -n "${http_port-}" ] || start_nginx
    [ -n "${link_port-}" ] || start_proxy "$http_port" "$LATENCY" "$MBIT"
    link_port=${link_port:-$proxy_port}
}

# make_filesystem KIND SIZE: an empty one, in $work/volume.
make_filesystem ()
{
    case $1 in
        ext*) reader=ext mkfs=(mke2fs -q -F -t "$1") ;;
        xfs) reader=xfs mkfs=(mkfs.xfs -q) ;;
        ntfs) reader=ntfs mkfs=(mkntfs -q -Q -F) ;;
    esac
    format_volume $reader "$work/volume" "$2" "${mkfs[@]}"
}

# use_lived_in KIND KEEP FILL: a disk with a partition of which KEEP percent
# are in use, and which was full to FILL percent.  It is at $disk and at
# $link_url, and what is free in it in $disk.free.
use_lived_in ()
{
    disk=$work/lived-in
    rm -f "$disk" "$disk.free" "$tmpdir/www/lived-in"
    make_filesystem "$1" "$UNUSED_SIZE"
    live_in $reader "$work/volume" "$2" "$3"
    list_free $reader "$work/volume"
    truncate -s $(($(stat -c %s "$work/volume") + 2097152)) "$disk"
    echo 'label: gpt
start=2048' | sfdisk -q --no-reread --no-tell-kernel "$disk"
    put_volume "$work/volume" "$disk" 1048576
    rm "$work"/volume*
    serve_disk
}

serve_disk ()
{
    ln "$disk" "$tmpdir/www/${disk##*/}" 2>/dev/null ||
        cp --sparse=always "$disk" "$tmpdir/www/${disk##*/}"
    link_url=http://127.0.0.1:$link_port/${disk##*/}
    ours=("$link_url") source=(curl "$link_url")
}

ours_unused ()
{
    ours --skip-unused on --result-file "$copies/unused-result"
}
compare_unused ()
{
    local copy=$copies/copy

    [ -e "$copy" ] || copy=$copies/guest-sda
    if [ ! -e "$copies/unused-result" ]; then
        cmp "$disk" "$copy" >/dev/null || fail "the copy differs"
        return 0
    fi
    expect_only_free "$disk" "$copy"
    jq -r --arg case "$what" --arg used "$used" --arg deleted "$deleted" \
        '.disks[0] | "bytes_read \(.bytes_read)",
        "bytes_unused \(.bytes_unused)", "bytes_used \($used)",
        "bytes_deleted \($deleted)" | "\($case) \(.)"' \
        "$copies/unused-result" >>"$facts"
}

case_unused ()
{
    local kind

    requires_link
    requires_program sfdisk sftp
    [ -n "${sshd_port-}" ] || start_sshd
    start_proxy "$sshd_port" "$LATENCY" "$MBIT"
    sftp_port=$proxy_port
    know_host "$sftp_port"
    check=compare_unused
    for kind in $KINDS; do
        # With what the file system itself needs it is a fifth of the disk.
        use_lived_in "$kind" 15 84
        rounds "unused-$kind" ours ours_unused without ours curl by_curl \
            sftp by_sftp nbdcopy by_nbdcopy qemu-img by_qemu_img
    done
    check=
}

# Nothing is gained where nothing was deleted.
case_full ()
{
    local kind

    requires_link
    requires_program sfdisk
    check=compare_unused
    for kind in $KINDS; do
        use_lived_in "$kind" 95 97
        rounds "full-$kind" ours ours_unused without ours
        ours=("$disk")
        rounds "full-$kind-local" ours ours_unused without ours
    done
    check=
}

# How long it takes to find what is free in 1 TiB: --check with and without the
# option, of file systems with 100000 free runs where holes can be punched.
check_maps ()
{
    watching_memory spend "${tool[@]}" --check --skip-unused on "$link_url"
}
check_only () { spend "${tool[@]}" --check "$link_url"; }

# watching_memory COMMAND...: the most memory that one of the tool's processes
# has used is a fact.
watching_memory ()
{
    local pid watched

    (
        most=0
        trap 'echo "$what process_bytes $((most * 1024))" >>"$facts"
              exit' TERM
        while sleep 0.02; do
            for pid in $(pgrep -f "^$tool_program"); do
                now=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p' \
                    "/proc/$pid/status" 2>/dev/null)
                [ "${now:-0}" -le "$most" ] || most=$now
            done
        done
    ) &
    watched=$!
    "$@"
    kill "$watched"
    wait "$watched" || :
    expect grep -q 'filesystem: .*, clean' "$out"
}

case_maps ()
{
    local kind

    requires_link
    check=differs
    for kind in $KINDS; do
        make_filesystem "$kind" 1T
        if [ "$kind" != ntfs ]; then
            mount_volume $reader "$work/volume"
            "$abs_top_srcdir/bench/fragment.py" "$mnt" 100000
            unmount
        fi
        disk=$work/maps
        mv "$work/volume" "$disk"
        rm -f "$tmpdir/www/maps"
        serve_disk
        rounds "maps-$kind" ours check_maps without check_only
        rm "$disk"
    done
    check= disk=
}

