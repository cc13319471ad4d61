#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A file or device that exists and is written to (-o device, --in-place): a
# link that another user has put into a shared directory leads to none.
. ./functions.sh

requires_plugin file
requires_program qemu-io
make_disk "$tmpdir/disk" 1M
mkdir "$tmpdir/shared" "$tmpdir/victim"
chmod 1777 "$tmpdir/shared"
cd "$tmpdir"
convert='qemu-io -f raw -c "write -P 7 64k 64k" "$V2V_OVERLAY_URI_0"'

device ()
{
    run_expecting "$1" v2v-nbdkit-launch -o device -oo "path=$2" disk
}
in_place ()
{
    run_expecting "$1" v2v-nbdkit-launch --in-place --convert "$convert" "$2" \
        --overlay-dir "$overlays" --state-dir "$overlays"
}

overlays=$(mktemp -d "/var/tmp/v2v-test.XXXXXX")
remove_overlays () { rm -rf "$overlays"; }
cleanup_fn remove_overlays

# Links of ours.
ln -s ../victim/disk shared/ours
ln -s shared/ours link
for way in link shared/ours "$tmpdir/victim/../shared/ours"; do
    truncate -s 0 victim/disk
    truncate -s 1M victim/disk
    device 0 "$way"
    expect cmp disk victim/disk
    in_place 0 "$way"
    expect_not cmp -s disk victim/disk
done

requires_other_user
rm shared/ours
other ln -s "$tmpdir/victim/disk" shared/theirs
other ln -s "$tmpdir/victim" shared/dir
remember victim/disk
for way in shared/theirs shared/dir/disk "$tmpdir/shared/theirs"; do
    for how in device in_place; do
        $how 1:write:false "$way"
        expect_error 'is not followed, because another user'
        expect_hint 'name the place that it leads to'
    done
done
expect_untouched
# A second name, as another user can make where fs.protected_hardlinks is 0.
ln victim/disk shared/second
for how in device in_place; do
    $how 1:write:false shared/second
    expect_error 'has several names'
done
expect_untouched
expect_nothing_left
