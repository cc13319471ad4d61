#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# -oo zero=discard to NBD servers: what is discarded reads as zeroes, also
# where the ends of a range lie within the server's own blocks (qcow2), and
# where the server only says that it has trimmed (nbd-server); and the space
# is given back.
. ./functions.sh

requires_plugin file
requires_program qemu-img qemu-nbd
disk=$tmpdir/disk target=$tmpdir/target
truncate -s 16M "$disk"
for i in 1 3 5 7 9 11; do
    write_random "$disk" $((i * 1232896)) 4096
done

# copy FORMAT: to the server at $uri, which writes to $target.
copy ()
{
    run_expecting 0 v2v-nbdkit-launch -o nbd -oo uri="$uri" -oo zero=discard \
        "$disk"
    stop_pid "$server_pid"
    expect qemu-img compare -q -f "$1" -F raw "$target" "$disk"
    expect_nothing_left
}

truncate -s 16M "$target.old"
write_random "$target.old" 0 16777216
qemu-img convert -f raw -O qcow2 "$target.old" "$target"
start_qemu_nbd qcow2 --format=qcow2 --discard=unmap "$target"
uri=$qemu_nbd_uri
copy qcow2

cp "$target.old" "$target"
start_nbdkit raw file "$target"
uri=$nbdkit_uri
copy raw
expect test "$(du -k "$target" | cut -f 1)" -lt 8192

# Whoever can trim but not zero gets zeroes.
cp "$target.old" "$target"
start_nbdkit nozero --filter nozero file "$target"
uri=$nbdkit_uri
copy raw

cp "$target.old" "$target"
start_nbd_server "$target" 'trim = true'
uri=nbd://127.0.0.1:$nbd_port/disk
copy raw
