#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --check looks at the target also where the source cannot be opened, or does
# not even say which guest it holds.  What a run would have found first decides
# the status.
. ./functions.sh

requires_plugin file
requires_plugin curl
pick_port
closed=http://127.0.0.1:$port/disk
mkdir -m 700 "$tmpdir/out" "$tmpdir/out/left.part"
touch "$tmpdir/out/left.part/sda"
truncate -s 1M "$tmpdir/device"

# both STATUS SOURCE TARGET ARGUMENT...: these two errors are reported.
both ()
{
    run_expecting "$1" v2v-nbdkit-launch --check "${@:4}"
    expect_stdout "^error +(sda )?source: .*$2"
    expect_stdout "^error +(sd[a-z] )?target: .*$3"
}

for source in "$closed" "$tmpdir/none"; do
    both '4:unreachable:true|4:not-found:false' 'cannot open' \
        'left.part exists already' -os "$tmpdir/out" -on left "$source"
done
both 1:write:false 'Connection refused' 'no-such-directory' \
    -os "$tmpdir/no-such-directory" "$closed"
both 1:write:false 'Connection refused' 'vdx: No such file' \
    -o device -oo path="$tmpdir/vdx" "$closed"
both 4:unreachable:true 'Connection refused' 'cannot connect to nbd' \
    -o nbd -oo uri="nbd+unix:///?socket=$tmpdir/none" "$closed"

# Nobody knows how many disks there are, or what they are called.
vmx=(-i vmx "$tmpdir/none.vmx")
both 4:not-found:false 'none.vmx' 'no-such-directory' \
    -os "$tmpdir/no-such-directory" "${vmx[@]}"
both 4:not-found:false 'none.vmx' 'left.part exists already' \
    -os "$tmpdir/out" -on left "${vmx[@]}"
both 4:not-found:false 'none.vmx' 'vdx: No such file' -o device \
    -oo path="$tmpdir/device" -oo path="$tmpdir/vdx" "${vmx[@]}"
run_expecting 4:not-found:false v2v-nbdkit-launch --check -o device \
    -oo path="$tmpdir/device" "${vmx[@]}"
expect_stdout "^ok +sda target: $tmpdir/device"
run_expecting 4:not-found:false v2v-nbdkit-launch --check \
    -os "$tmpdir/out" "${vmx[@]}"
expect_stdout "^ok +target: $tmpdir/out$"

# What does not need nbdkit is looked at without it; overlays need a place.
both 3:nbdkit-missing:false 'none: No such file' 'left.part exists already' \
    --nbdkit "$tmpdir/no-nbdkit" -os "$tmpdir/out" -on left "$tmpdir/none"
run_expecting 4:unreachable:true v2v-nbdkit-launch --check \
    --overlay-dir "$tmpdir/no-such-directory" "$closed"
expect_stdout '^error +overlay: .*no-such-directory'
expect test "$(ls -A "$tmpdir/out" "$tmpdir/out/left.part" | xargs)" = \
    "$tmpdir/out: left.part $tmpdir/out/left.part: sda"
expect_nothing_left
