#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What an earlier run has written to run the guest of this name goes with its
# disks, whichever output has written it: it would run the new ones in the wrong
# format.  What others have written stays.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/disk" 1M
mkdir "$tmpdir/out"
g=$tmpdir/out/g

copy ()
{
    run_expecting 0 v2v-nbdkit-launch "$tmpdir/disk" -os "$tmpdir/out" -on g \
        "$@"
}

# documents NAME...: these are there, and no others.
documents ()
{
    expect test "$(cd "$tmpdir/out" && echo g.*)" = "$*"
}

copy -o local
expect_no_stderr 'removed'
documents g.xml
copy -o qemu -of qcow2
expect_stderr "warning: removed $tmpdir/out/g\.xml"
documents g.sh
copy -o kubevirt
expect_stderr "warning: removed $tmpdir/out/g\.sh"
documents g.yaml
copy -o local -of qcow2
expect_stderr "warning: removed $tmpdir/out/g\.yaml"
documents g.xml
copy -o local
expect_no_stderr 'removed'

# Until the new disks have their names, it tells of those that are there.
run_expecting 4 v2v-nbdkit-launch "$tmpdir/none" -os "$tmpdir/out" -on g \
    -o qemu
run_expecting 0 v2v-nbdkit-launch "$tmpdir/disk" -os "$tmpdir/out" -on g \
    -o qemu --dry-run
documents g.xml
# Nor when only parts of them change, and they are what it says.
extents=$tmpdir/extents
echo '[]' >"$extents"
copy -o qemu --changed-extents "$extents"
documents g.xml

# What the run reads is not removed.
cp "$g.xml" "$tmpdir/g.xml"
sed "s|$tmpdir/out/g-sda|$tmpdir/disk|" "$tmpdir/g.xml" >"$g.xml"
remember "$g.xml" "$g-sda"
run_expecting 2:usage:false v2v-nbdkit-launch -i libvirtxml "$g.xml" \
    -o qemu -os "$tmpdir/out"
expect_error 'is a file that this run writes'
expect_untouched

# Others', and what a link leads to.
copy -o kubevirt
mv "$g.yaml" "$tmpdir/our.yaml"
ln -s ../our.yaml "$g.yaml"
echo '<domain/>' >"$g.xml"
remember "$g.xml" "$tmpdir/our.yaml"
copy -o qemu
expect_no_stderr 'removed'
expect_untouched
documents g.sh g.xml g.yaml
expect_nothing_left
