# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later

# Sourced by bench.sh: the cases over a link of MBIT, which all connections
# share.  What must cross it is the disk, or its data where the server says
# what is a hole: bytes, from which the share of the link is counted.

# over_link MS PORT: a link to PORT.  Sets proxy_port.
over_link ()
{
    local ms=$1 port=$2

    start_proxy "$port" "$ms" "$MBIT" "$WINDOW"
    printf '%s round_trip_ms %s\n%s link_mbit %s\n%s bytes %s\n' \
        "$what" "$ms" "$what" "$MBIT" "$what" "$bytes" >>"$facts"
}

# link_http CASE MS, link_ssh, link_nbd: measure $disk.
link_http ()
{
    local what=$1 bytes uri='' sftp_port='' link_url
    local -a ours source

    [ -n "${http_port-}" ] || start_nginx
    bytes=$(stat -c %s "$disk")
    over_link "$2" "$http_port"
    [ -e "$tmpdir/www/${disk##*/}" ] ||
        ln "$disk" "$tmpdir/www/" 2>/dev/null ||
        cp --sparse=always "$disk" "$tmpdir/www/"
    link_url=http://127.0.0.1:$proxy_port/${disk##*/}
    ours=("$link_url") source=(curl "$link_url")
    rounds "$what" ours ours curl by_curl aria2c by_aria2c rclone by_rclone \
        nbdcopy-best by_nbdcopy_best qemu-img by_qemu_img
}

link_ssh ()
{
    local what=$1 bytes uri='' sftp_port
    local -a ours source

    [ -n "${sshd_port-}" ] || start_sshd
    bytes=$(stat -c %s "$disk")
    over_link "$2" "$sshd_port"
    sftp_port=$proxy_port
    know_host "$proxy_port"
    ours=("${ssh_options[@]}" "ssh://$ssh_user@127.0.0.1:$proxy_port$disk")
    source=(ssh host=127.0.0.1 port="$proxy_port" user="$ssh_user"
            path="$disk" identity="$ssh_identity"
            known-hosts="$ssh_known_hosts")
    rounds "$what" ours ours sftp by_sftp rclone by_rclone \
        nbdcopy-best by_nbdcopy_best qemu-img by_qemu_img
}

link_nbd ()
{
    local what=$1 bytes uri
    local -a ours source=()

    start_nbdkit_tcp -r file "$disk"
    bytes=$(data_of "$disk")
    over_link "$2" "$nbd_port"
    uri=nbd://127.0.0.1:$proxy_port
    ours=("$uri")
    rounds "$what" ours ours nbdcopy by_nbdcopy \
        nbdcopy-best by_nbdcopy_best qemu-img by_qemu_img
    stop_pid "$nbdkit_pid"
}

# know_host PORT: the sshd's key is known there, too.
know_host ()
{
    printf '[127.0.0.1]:%s %s\n' "$1" "$(cat "$tmpdir/ssh/host_key.pub")" \
        >>"$ssh_known_hosts"
}

over_links ()
{
    local ms

    use_disk link "$LINK_SIZE"
    for ms in $LINK_MS; do
        "link_$1" "link-$1-$ms" "$ms"
    done
}
case_link_http () { over_links http; }
case_link_ssh () { over_links ssh; }
case_link_nbd () { over_links nbd; }

# The round trips before and after the data: a disk of 1 MiB.
case_link_start ()
{
    local kind

    use_disk link-start 1M
    for kind in http ssh nbd; do
        "link_$kind" "start-$kind-$START_MS" "$START_MS"
    done
}
