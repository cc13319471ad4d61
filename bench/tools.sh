# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later

# Sourced by bench.sh: how each program copies a disk to the file copy (ours:
# guest-sda) in $copies.
#
# A case says what the source is:
#     disk         the file itself
#     ours         the arguments of v2v-nbdkit-launch
#     source       the arguments of nbdkit; none if the source is an NBD server
#     uri          of this server
#     link_url     its URL
#     sftp_port    of the sshd that serves it
# and how the copy is compared:
#     format       of the copy
#     check        a function that compares instead of compare

format=raw check='' uri='' spent=$tmpdir/spent
flush=() cache=unsafe
if [ "$DURABLE" = yes ]; then
    flush=(--flush) cache=writeback
fi

# program_of TOOL: print the program that it needs; none if it is there.
program_of ()
{
    case $1 in
        nbdcopy*) echo nbdcopy ;;
        qemu-img*) echo qemu-img ;;
        cp*) echo cp ;;
        curl|aria2c|rclone|sftp) echo "$1" ;;
    esac
}

# spend COMMAND...: run it; its time is counted, and it is noted as what was
# typed, once for each case and tool.
spend ()
{
    local words="$*" place

    words=${words#"${tool[*]}"}
    [ "$words" = "$*" ] || words="v2v-nbdkit-launch$words"
    for place in "$copies/" "${mnt-$copies}/" "$tmpdir/ssh/" "$work/"; do
        words=${words//"$place"/}
    done
    grep -q "^$what $name " "$typed" || echo "$what $name $words" >>"$typed"
    "$builddir/spend" "$spent" "$@"
}

# Programs that do not call fsync.
stored () { [ "$DURABLE" != yes ] || spend sync "$copies/copy"; }

ours ()
{
    spend "${tool[@]}" -o disk -os "$copies" -on guest "$@" "${ours[@]}"
}
ours_qcow2 () { ours -of qcow2; }
ours_compressed () { ours -of qcow2 -oo compressed; }
ours_zstd () { ours -of qcow2 -oo compression=zstd; }

# with_nbdkit COMMAND: run it by the shell, with the NBD URI of the source in
# $uri.
with_nbdkit ()
{
    if [ -n "$uri" ]; then
        spend env uri="$uri" sh -c "$*"
    else
        spend nbdkit -U - -r "${filters[@]}" "${source[@]}" --run "$*"
    fi
}
filters=()

by_nbdcopy () { with_nbdkit nbdcopy "${flush[@]}" '$uri' "$copies/copy"; }

# Its best: as many connections as it can have, also to sources of which each
# connection reads one thing at a time.  These bring it no more where reading
# is parallel.
by_nbdcopy_best ()
{
    local filters=(--filter=multi-conn) source=("${source[@]}")

    if [ -z "$uri" ]; then
        source+=(multi-conn-mode=unsafe)
    fi
    with_nbdkit nbdcopy "${flush[@]}" -C 16 -R 64 --request-size=$((1 << 20)) \
        '$uri' "$copies/copy"
}

# by_qemu_img [OPTION...]: copy what the source itself is, where qemu can open
# it.
by_qemu_img ()
{
    local convert="qemu-img convert -W -m 16 -t $cache -f raw ${*:--O raw}"

    if [ "${source[0]-}" = file ] && [ -z "$uri" ]; then
        # shellcheck disable=SC2086
        spend $convert "$disk" "$copies/copy"
    else
        with_nbdkit "$convert" "\"\$uri\"" "$copies/copy"
    fi
}
by_qemu_qcow2 () { by_qemu_img -O qcow2; }
by_qemu_compressed () { by_qemu_img -c -O qcow2; }
by_qemu_zstd () { by_qemu_img -c -O qcow2 -o compression_type=zstd; }

# by_qemu_overlay [OPTION...]: copy through an overlay, as in a conversion.
by_qemu_overlay ()
{
    with_nbdkit "qemu-img create -q -f qcow2 -F raw -b \"\$uri\" \
'$copies/overlay' && qemu-img convert -W -m 16 -t $cache ${*:--O raw} \
'$copies/overlay' '$copies/copy'"
}
by_qemu_overlay_qcow2 () { by_qemu_overlay -O qcow2; }
by_qemu_overlay_compressed () { by_qemu_overlay -c -O qcow2; }

by_cp () { spend cp --sparse=always "$disk" "$copies/copy"; stored; }
by_cp_reflink () { spend cp --reflink=always "$disk" "$copies/copy"; stored; }

by_curl () { spend curl -sf -o "$copies/copy" "$link_url"; stored; }

by_aria2c ()
{
    spend aria2c -q -x16 -s16 -k1M --file-allocation=none -d "$copies" \
        -o copy "$link_url"
    stored
}

by_sftp ()
{
    echo "get $disk $copies/copy" >"$tmpdir/sftp-batch"
    spend sftp -q -b "$tmpdir/sftp-batch" -P "$sftp_port" \
        -i "$ssh_identity" -o UserKnownHostsFile="$ssh_known_hosts" \
        "$ssh_user@127.0.0.1"
    stored
}

# Over sftp, or http where there is no sshd.
by_rclone ()
{
    local options=(--config /dev/null --multi-thread-cutoff 1M
                   --multi-thread-streams 16)
    local at=host=127.0.0.1,port=${sftp_port-},user=${ssh_user-}

    if [ -n "${sftp_port-}" ]; then
        spend rclone "${options[@]}" --sftp-concurrency 64 copyto \
            ":sftp,$at,key_file=$ssh_identity:$disk" "$copies/copy"
    else
        spend rclone "${options[@]}" copyto \
            ":http,url='${link_url%/*}':${link_url##*/}" "$copies/copy"
    fi
    stored
}
