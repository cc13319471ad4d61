#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A TMPDIR that is full, at the start or later: status 8 (5 where it is the
# command that is stopped by it), a word about --overlay-dir, and nothing left.
. ./functions.sh
. "$abs_srcdir/container.sh"

requires_plugin curl
requires_program qemu-io
make_disk "$disk" 8M
start_nginx
copy=(v2v-nbdkit-launch -os "$volume/out" -on guest "$http_url/disk")
container

# room SIZE [COMMANDS]: TMPDIR is a file system of that size, in which COMMANDS
# have been run.
room ()
{
    export CONTAIN_SETUP="mount -t tmpfs -o size=$1,mode=0775 none '$TMPDIR'
        ${2-}"
}

full ()
{
    run_expecting "$@"
    expect_error .
    expect_hint '--overlay-dir DIR'
    expect_nothing_left
    expect test -z "$(ls -A "$volume/out")"
}

fill="dd if=/dev/zero of='$TMPDIR/full' bs=4k status=none 2>/dev/null || :"
for more in -q --check --resume; do
    room 64k "$fill"
    full 8:space:false "${copy[@]}" $more
    # No directory can be made.
    room '64k,nr_inodes=1'
    full 8:space:false "${copy[@]}" $more
    room 64k
    full 8:space:false "${copy[@]}" $more
done

# The conversion fills it.
room 2M
full 5:convert:false "${copy[@]}" --convert \
    'qemu-io -f raw -c "write 0 8M" "$V2V_OVERLAY_URI_0"'
expect_hint 'overlay directory is full'
