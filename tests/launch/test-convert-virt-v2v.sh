#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The manual's example converts a whole guest, from a remote disk: with this
# host's virt-v2v-in-place and with those that V2V_TEST_VIRT_V2V names.

# Emulated it took 13 minutes on a busy host.
export V2V_TEST_TIMEOUT=${V2V_TEST_TIMEOUT-3600}
. ./functions.sh
run_timeout=3000

[ -n "${V2V_TEST_LONG-}" ] || skip 'V2V_TEST_LONG is not set'
image=${V2V_TEST_GUEST-}
[ -n "$image" ] || skip 'V2V_TEST_GUEST does not name a raw Linux guest'
requires_program virt-v2v-in-place virt-cat
# Its appliance stays where it always is, and does not need a good KVM.
export LIBGUESTFS_BACKEND=direct LIBGUESTFS_BACKEND_SETTINGS=force_tcg
export LIBGUESTFS_CACHEDIR=/var/tmp LIBGUESTFS_TMPDIR=/tmp
remember "$image"
start_nbdkit remote --readonly file "$image"
virt-cat --format=raw -a "$image" /etc/fstab >"$tmpdir/before"
for virt_v2v in virt-v2v-in-place ${V2V_TEST_VIRT_V2V-}; do
    rm -rf "$tmpdir/out"
    mkdir "$tmpdir/out"
    inspection=
    if $virt_v2v --machine-readable | grep -qx output-xml-option; then
        inspection='-O "$V2V_CONVERTED_XML"'
    fi
    cat >"$tmpdir/guest.xml" <<EOF
<domain type='kvm'><name>guest</name><memory>1048576</memory>
<os><type arch='x86_64'>hvm</type></os><devices>
<disk type='network' device='disk'><driver name='qemu' type='raw'/>
<source protocol='nbd'><host transport='unix' socket='$nbdkit_socket'/>
</source><target dev='sda' bus='sata'/></disk></devices></domain>
EOF
    run_expecting 0 v2v-nbdkit-launch -i libvirtxml "$tmpdir/guest.xml" \
        -o disk -os "$tmpdir/out" \
        --convert "$virt_v2v -i libvirtxml \"\$V2V_XML\" $inspection"
    expect_not grep -rq 'was ignored' "$tmpdir/logs"
    virt-cat --format=raw -a "$tmpdir/out/guest-sda" /etc/fstab \
        >"$tmpdir/after"
    # Devices are called what virtio disks are called, and nothing else.
    expect cmp <(sed 's,^/dev/sd,/dev/vd,' "$tmpdir/before") "$tmpdir/after"
    expect_untouched
    expect_nothing_left
done
