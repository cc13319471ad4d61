#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# -o libvirt: when libvirt does not define the guest its reason is told and no
# disk has its name.  What was copied is kept, and when the reason is gone
# --resume copies nothing again.
. ./functions.sh
. "$abs_srcdir/libvirtd.sh"

requires_plugin file
start_libvirtd

make_disk "$tmpdir/disk" 4M
cat >"$tmpdir/guest.xml" <<END
<domain type='kvm'>
  <name>guest</name><memory unit='MiB'>64</memory>
  <vcpu>5000</vcpu>
  <os><type arch='x86_64'>hvm</type></os>
  <devices>
    <disk type='file'><driver type='raw'/><source file='$tmpdir/disk'/>
      <target dev='sda' bus='sata'/></disk>
  </devices>
</domain>
END

copy ()
{
    run_expecting "$1" v2v-nbdkit-launch -o libvirt -oc "$libvirt_uri" \
        -i libvirtxml "$tmpdir/guest.xml" --result-file "$tmpdir/result" \
        "${@:2}"
    expect_nothing_left
}

for more in -q --resume; do
    copy 6:write:false:true $more
    expect_error 'libvirt did not define the guest: guest: .*CPUs'
    expect_pool guest.part
    expect_guests
done

# Another file or guest has come by that name: neither is touched.
late ()
{
    run_expecting 6:write:false:true v2v-nbdkit-launch -o libvirt \
        -oc "$libvirt_uri" -on late "$tmpdir/disk" --convert "$1"
    rm -r "$TMPDIR"/v2v.*       # the overlay, which --resume would use
    expect_nothing_left
}
late "echo another >'$pool/late-sda'"
expect_error "$pool/late-sda: File exists"
expect test "$(cat "$pool/late-sda")" = another
expect_guests
rm -r "$pool"/late*
cat >"$tmpdir/late.xml" <<END
<domain type='kvm'><name>late</name><memory unit='MiB'>64</memory>
  <os><type arch='x86_64'>hvm</type></os></domain>
END
late "virsh -q -c '$libvirt_uri' define '$tmpdir/late.xml'"
expect_error "libvirt has a guest 'late' already: it is not replaced"
expect_hint 'rename the other guest.*--resume'
expect_pool guest.part late.part
expect test -z "$(virsh_does domblklist late)"
