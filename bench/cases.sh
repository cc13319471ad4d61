# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later

# Sourced by bench.sh: the cases on this host, and those with a latency but
# without a limited rate.

all=(ours ours nbdcopy by_nbdcopy qemu-img by_qemu_img
     qemu-img-overlay by_qemu_overlay)

# local_rounds CASE TOOL FUNCTION...: rounds, for a local disk; what is copied
# of it is its data.
local_rounds ()
{
    echo "$1 bytes $(data_of "$disk")" >>"$facts"
    rounds "$@"
}

case_local ()
{
    use_disk local "$LOCAL_SIZE"
    source=(file "$disk") ours=("$disk")
    local_rounds local "${all[@]}" nbdcopy-best by_nbdcopy_best cp by_cp
}

case_curl ()
{
    start_nginx
    start_proxy "$http_port"
    use_disk remote "$SIZE"
    ln "$disk" "$tmpdir/www/disk" 2>/dev/null || cp "$disk" "$tmpdir/www/disk"
    ours=("http://127.0.0.1:$proxy_port/disk")
    source=(curl "${ours[0]}")
    rounds curl "${all[@]}"
}

case_ssh ()
{
    start_sshd
    start_proxy "$sshd_port"
    use_disk remote "$SIZE"
    know_host "$proxy_port"
    ours=("${ssh_options[@]}" "ssh://$ssh_user@127.0.0.1:$proxy_port$disk")
    source=(ssh host=127.0.0.1 port="$proxy_port" user="$ssh_user"
            path="$disk" identity="$ssh_identity"
            known-hosts="$ssh_known_hosts")
    rounds ssh "${all[@]}"
}

# delayed CASE PARAMETER...: read through nbdkit's delay filter.
delayed ()
{
    local what=$1

    shift
    use_disk remote "$SIZE"
    ours=(-io filter=delay -i nbdkit file file="$disk" "$@")
    source=(--filter=delay file "$disk" "$@")
    rounds "$what" "${all[@]}"
}
case_delay () { delayed delay rdelay="${LATENCY}ms"; }
case_extents ()
{
    delayed extents rdelay="${LATENCY}ms" delay-extents="${LATENCY}ms"
}

# A conversion that writes 1 MiB at 64 places, compared with a conversion that
# writes nothing.  The time of the copy is measured, not that of the
# conversion.
converted () { ours --result-file "$copies/result" --convert "$1"; }
written () { converted "sh '$tmpdir/write'"; }
unwritten () { converted true; }
differs () { :; }
case_scattered ()
{
    local size i

    use_disk local "$LOCAL_SIZE"
    size=$(stat -c %s "$disk")
    {
        echo 'qemu-io -f qcow2 \'
        for ((i = 0; i < 64; i++)); do
            echo "-c 'write -P 7 $((size / 64 / 4096 * 4096 * i)) 1M' \\"
        done
        echo '"$V2V_OVERLAY_0" >&2'
    } >"$tmpdir/write"
    cp --sparse=always "$disk" "$work/written"
    V2V_OVERLAY_0=$work/written bash -c "$(sed 's/-f qcow2/-f raw/' \
        "$tmpdir/write")" >/dev/null 2>&1
    ours=("$disk")
    check=compare_written
    rounds scattered ours written without unwritten
    check=
}
compare_written ()
{
    cmp "$copies/guest-sda" "$work/written" >/dev/null ||
        cmp "$copies/guest-sda" "$disk" || fail "the copy differs"
}

case_qcow2 ()
{
    use_disk local "$LOCAL_SIZE"
    source=(file "$disk") ours=("$disk") format=qcow2
    local_rounds qcow2 ours ours_qcow2 qemu-img by_qemu_qcow2 \
        qemu-img-overlay by_qemu_overlay_qcow2
    format=raw
}

case_compressed ()
{
    use_disk remote "$SIZE"
    source=(file "$disk") ours=("$disk") format=qcow2
    local_rounds compressed ours ours_compressed qemu-img by_qemu_compressed \
        qemu-img-overlay by_qemu_overlay_compressed
    format=raw
}

case_zstd ()
{
    use_disk remote "$SIZE"
    source=(file "$disk") ours=("$disk") format=qcow2
    local_rounds zstd ours ours_zstd qemu-img by_qemu_zstd
    format=raw
}

# The same data on a disk of 8 TiB and on a disk of 16 GiB.
sized ()
{
    truncate -s "$1" "$disk"
    ours
}
on_8t () { sized 8T; }
on_16g () { sized 16G; }
same_data ()
{
    cmp -n "$(numfmt --from=iec "$SIZE")" "$disk" "$copies/guest-sda" ||
        fail "the copy differs"
}
case_big ()
{
    use_disk big "$SIZE"
    ours=("$disk") check=same_data
    rounds big ours on_8t 16G on_16g
    check= disk=
}

# The time before the first byte is copied: a disk of 64 KiB.
only_nbdkit () { with_nbdkit 'nbdinfo --size "$uri" >/dev/null'; }
case_start ()
{
    use_disk start 64K
    source=(file "$disk") ours=("$disk") check=differs
    rounds start ours ours nbdkit only_nbdkit
    check=
}

# A copy on the file system of its source.
case_clone ()
{
    local kind mkfs copies

    requires_lived_in
    copies=$mnt/out
    for kind in xfs btrfs; do
        type -P "mkfs.$kind" >/dev/null || continue
        mkfs=("mkfs.$kind" -q)
        format_volume "$kind" "$work/volume" \
            $((2 * $(numfmt --from=iec "$LOCAL_SIZE") + (1 << 30))) \
            "${mkfs[@]}"
        mount_volume "$kind" "$work/volume" ||
            { echo "clone-$kind: left out, it cannot be mounted"; continue; }
        disk=$mnt/disk
        generate "$disk" "$LOCAL_SIZE"
        source=(file "$disk") ours=("$disk")
        local_rounds "clone-$kind" ours ours cp-reflink by_cp_reflink \
            cp by_cp qemu-img by_qemu_img
        unmount
        rm "$work/volume"
    done
}
