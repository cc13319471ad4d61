#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The command line for a block device over ssh: nbdkit before 1.46 needs help
# to find its size.  A file needs none, and later versions do not.
. ./functions.sh

# dry_run VERSION ARGUMENT...: print the command line.
dry_run ()
{
    use_stand_in "$1" readahead retry
    run_expecting 0 v2v-nbdkit-launch --dry-run "${@:2}"
}

preloaded=LANG=C\ LD_PRELOAD=$tmpdir/lib/ssh-size.so\ 
export V2V_PRELOADDIR=$tmpdir/lib
mkdir "$tmpdir/lib"
: >"$tmpdir/lib/ssh-size.so"
for version in 1.24 1.32; do
    for path in /dev/xen-vg/guest-disk //dev/mapper/a%20b; do
        dry_run $version "ssh://root@xen.example.com$path"
        expect_stdout "^$preloaded.* ssh host=xen.example.com '?path="
    done
    dry_run $version ssh://root@xen.example.com/device/guest.img
    expect_no_stdout LD_PRELOAD
done
dry_run 1.48 ssh://root@xen.example.com/dev/xen-vg/guest-disk
expect_no_stdout LD_PRELOAD

# Metadata calls it a block device.
cat >"$tmpdir/guest.xml" <<'END'
<domain type='xen'>
  <name>guest</name>
  <memory unit='MiB'>256</memory>
  <os><type>hvm</type></os>
  <devices>
    <disk type='network' device='disk'>
      <driver name='phy'/>
      <source protocol='ssh' name='/dev/zvol/tank/guest'>
        <host name='xen.example.com'/>
      </source>
      <target dev='xvda' bus='xen'/>
    </disk>
  </devices>
</domain>
END
dry_run 1.32 -i libvirtxml "$tmpdir/guest.xml"
expect_stdout "^$preloaded"

# What the user preloads stays, and what is not installed is not named.
if LD_PRELOAD=libm.so.6 v2v-nbdkit-launch --version >/dev/null 2>&1; then
    use_stand_in 1.32
    run_expecting 0 env LD_PRELOAD=libm.so.6 v2v-nbdkit-launch --dry-run \
        ssh://root@xen.example.com/dev/vg/guest
    expect_stdout 'ssh-size\.so:libm\.so\.6 '
fi
rm "$tmpdir/lib/ssh-size.so"
dry_run 1.32 ssh://root@xen.example.com/dev/vg/guest
expect_no_stdout LD_PRELOAD
