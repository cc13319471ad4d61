#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Whatever virt-v2v takes is either an option here or refused with what to do
# instead; its password file is never read as a disk.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/disk" 1M
cd "$tmpdir"
echo sesame-7f3a >password

# instead HINT ARGUMENT...
instead ()
{
    run_expecting 2:usage:false v2v-nbdkit-launch "${@:2}" disk
    expect_error 'there is no'
    expect_hint "$1"
    expect test ! -s "$out"
}

instead '-ip FILE' -o null -op password
instead 'write -ip FILE' -o null --password-file password
instead "--convert 'virt-v2v-in-place" -o null --root first
instead "--convert 'virt-v2v-in-place" -o null --block-driver virtio-scsi
instead "--convert 'virt-v2v-in-place" -o null -m 1024
instead "--convert 'virt-v2v-in-place" -o null --key all:key:secret
instead '--key ID:file:FILE' -o null --keys-from-stdin
instead 'virt-customize' -o null --firstboot-command reboot
instead "--convert 'virt-v2v-in-place" -o null --no-selinux-relabel
expect_no_stderr 'virt-customize'
instead '--keep-overlay' -o null --debug-overlays
instead '--check' --print-estimate
instead '-of qcow2 -oo compressed' -o null --compressed
instead '-io vddk-' --vddk-thumbprint 00:11 -o null
instead 'leave it out' -o null --wrap
instead 'DISK' -o null -a other
instead '-i libvirt' -o null -d guest

# Outputs: which command takes it from -o disk.
instead 'openstack image create' -o glance
instead '-o device' -o openstack
instead 'ovirt-img upload-disk' -o rhv-upload
instead 'virt-v2v -i libvirtxml' -o rhv -os server:/export
instead 'virt-v2v -i libvirtxml' -o vdsm

# All that the installed virt-v2v has.
requires_program virt-v2v
{ v2v-nbdkit-launch --long-options; v2v-nbdkit-launch --short-options; } |
    sed 's/^-*//' >here
mapfile -t options < <(virt-v2v --long-options; virt-v2v --short-options)
expect test "${#options[@]}" -gt 40
for option in "${options[@]}"; do
    case $option in
        --colo*) continue ;; # did you mean '--colours'?
    esac
    ! grep -qxF -- "${option##*-}" here || continue
    ! grep -qxF -- "${option#--}" here || continue
    instead . -o null "$option"
    expect_not grep -Eq '^hint: .*(did you mean|--help)' "$err"
done
