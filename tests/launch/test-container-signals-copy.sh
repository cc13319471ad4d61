#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# SIGTERM for process 1 of a container while there is a conversion or a copy, or
# its target hangs: status 143 within 10 seconds, and nothing is left but what
# --resume and --in-place need.
. ./functions.sh
. "$abs_srcdir/container.sh"

requires_plugin curl
requires_plugin eval
requires_filter rate
requires_program qemu-io
make_disk "$disk" 8M
start_nginx
url=$http_url/disk
copy=(v2v-nbdkit-launch -os "$volume/out" -on guest)
container

reached=$volume/reached
for ignored in '' TERM; do
    rm -f "$reached"
    run_in_background "${copy[@]}" "$url" --convert \
        "trap '' $ignored; touch '$reached'; sleep 1000"
    wait_for test -e "$reached"
    ends 143:interrupted:true
done

for format in raw qcow2; do
    rm -f "$reached"
    echo 1G >"$volume/rate"
    chmod 0664 "$volume/rate"
    run_in_background "${copy[@]}" -of $format "$url" \
        --bandwidth-file "$volume/rate" \
        --convert "echo 400k >'$volume/rate'; touch '$reached'"
    wait_for test -e "$reached"
    wait_for test -e "$volume/out/guest.part/sda"
    sleep 0.5
    ends 143:interrupted:true
done

# hanging WHEN [NAME]: start a target that hangs when it is opened (a byte is read
# then), written to, read back, or flushed.
hanging ()
{
    local hangs=$1 hang="{ touch '$reached'; exec sleep 1000; }"

    rm -f "$reached"
    cp "$disk" "$tmpdir/target"
    start_nbdkit "${2-$1}" eval get_size='echo 8M' can_write='exit 0' \
        pwrite="[ $hangs != write ] || $hang
                exec dd of='$tmpdir/target' seek=\$4 conv=notrunc \
                oflag=seek_bytes status=none" \
        pread="case $hangs:\$3 in open:*) $hang ;; verify:1) ;;
               verify:*) $hang ;; esac
               exec dd if='$tmpdir/target' skip=\$4 count=\$3 \
               iflag=count_bytes,skip_bytes status=none" \
        can_flush='exit 0' flush="[ $hangs != flush ] || $hang"
    chmod 0666 "$nbdkit_socket"
}

for hangs in open write verify flush; do
    hanging $hangs
    run_in_background v2v-nbdkit-launch -o nbd -oo uri="$nbdkit_uri" \
        --verify "$url"
    wait_for test -e "$reached"
    case $hangs in
        verify) ends 143:interrupted:false:true ;; # what was copied is kept
        *) ends 143:interrupted:true ;;
    esac
    stop_pid "$nbdkit_pid"
done

# What --in-place has begun to write back is kept.
hanging write in-place
run_in_background v2v-nbdkit-launch --in-place "$nbdkit_uri" --convert \
    "qemu-io -f raw -c 'write -P 7 1M 64k' \"\$V2V_OVERLAY_URI_0\""
wait_for test -e "$reached"
SECONDS=0
kill -TERM "$(container_pid)"
wait_expecting 143:interrupted:true:true
expect_seconds 10
expect_hint 'run the same command again'
