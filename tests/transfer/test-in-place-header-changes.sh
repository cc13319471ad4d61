#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --in-place: a qcow2 image that has become one that names a file of this host,
# while the command ran or just when qemu-nbd opens it: nothing is written, to
# that file least of all.
. ./functions.sh
. "$abs_srcdir/changing.sh"

requires_plugin file
requires_program qemu-io qemu-img qemu-nbd
make_secret
make_disk_for_changing
# Writes where the image has data.
write='qemu-io -f raw -c "write -P 1 320k 64k" "$V2V_OVERLAY_URI_0"'

# expect_not_written KIND COMMAND
expect_not_written ()
{
    make_changing "$1" "$tmpdir/image"
    remember "$tmpdir/secret" "$tmpdir/image.after"
    # Not what the kernel refuses.
    run_expecting 6:target-changed:false:true v2v-nbdkit-launch -x \
        --confine off --in-place --convert "$2" "$tmpdir/image"
    expect_error 'names other files'
    # No qemu-nbd has opened it.
    expect_stderr 'qemu-nbd .*json:'
    expect_no_stderr 'qemu-nbd .*driver=qcow2,'
    expect_untouched
    expect_same "$tmpdir/image.after" "$tmpdir/image"
    rm -rf "$tmpdir"/image* "$TMPDIR"/* "$state_dir"
}

change="cat '$tmpdir/image.after' >'$tmpdir/image'"
expect_not_written qcow2-data "$write; $change"
expect_not_written qcow2-backing "$write; $change"

# The last moment: in place of a qemu-nbd that is to write the image there is
# one that changes it before.
mkdir "$tmpdir/bin"
cat >"$tmpdir/bin/qemu-nbd" <<EOF
#!/bin/bash
case "\$*" in
    *'filename=./image'|*/dev/fd/*|*/proc/self/fd/*) $change ;;
esac
exec $(type -P qemu-nbd) "\$@"
EOF
chmod +x "$tmpdir/bin/qemu-nbd"
PATH=$tmpdir/bin:$PATH
# qemu marks an image that it opens; that is all.
make_changing qcow2-data "$tmpdir/image"
remember "$tmpdir/secret"
run_expecting 6:target-changed:false:true v2v-nbdkit-launch \
    --confine off --in-place --convert "$write" "$tmpdir/image"
expect_error 'names other files'
expect_untouched
