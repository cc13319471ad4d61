#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# -o libvirt: what is there is not replaced, a guest or a file, and pools and
# connections that are of no use are refused: before the conversion, and by
# --check.
. ./functions.sh
. "$abs_srcdir/libvirtd.sh"

requires_plugin file
start_libvirtd
make_disk "$tmpdir/disk" 4M
convert="touch '$tmpdir/converted'"

# refused STATUS ARGUMENT...
refused ()
{
    local more

    for more in -q --check --resume; do
        copy_to_libvirt "$1" --convert "$convert" $more "${@:2}"
        expect_nothing_left
        expect test ! -e "$tmpdir/converted"
    done
}

copy_to_libvirt 0
rm -r "$state_dir"
refused 2:usage:false
expect_error "libvirt has a guest 'guest' already: it is not replaced"
expect_hint '-on NAME'
expect_same "$tmpdir/disk" "$pool/guest-sda"

# The guest is gone, its disk is not; nor is one of no guest.
virsh_does undefine guest
echo another >"$pool/guest-sda"
refused 2:usage:false
expect_error "$pool/guest-sda exists already: it is not replaced"
expect test "$(cat "$pool/guest-sda")" = another
rm "$pool/guest-sda"
ln -s "$tmpdir/elsewhere" "$pool/guest-sda"
refused 2:usage:false
rm "$pool/guest-sda"

for name in $'a\001b' $'\xff'; do
    run_expecting 1:unsupported:false v2v-nbdkit-launch -oc "$libvirt_uri" \
        -on "$name" "$tmpdir/disk"
    expect_hint '-on NAME'
done

# x N: a name of N bytes; libvirt writes NAME.xml.new.
x () { printf "%0$1d" 0; }
named=(v2v-nbdkit-launch -oc "$libvirt_uri" "$tmpdir/disk" -on)
for more in -q --check --resume; do
    run_expecting 2:usage:false "${named[@]}" "$(x 248)" $more
    expect_error 'name of the guest is too long .*at most 247'
    expect_hint '-on NAME'
done
run_expecting 0 "${named[@]}" "$(x 247)"

refused 1:not-found:false -os none
expect_error "libvirt has no storage pool 'none'"
expect_hint 'virsh -c .* pool-list --all'
refused 1:not-found:false -os "$pool"
expect_hint '-o disk is for directories'
virsh_does pool-destroy default
refused 1:write:false
expect_error "the storage pool 'default' is not active"
expect_hint 'virsh -c .* pool-start default'
virsh_does pool-start default
cat >"$tmpdir/scsi.xml" <<'END'
<node><pool type='logical'><name>lvm</name>
  <source><name>vg</name></source><target><path>/dev/vg</path></target>
</pool></node>
END
for more in -q --check; do
    run_expecting 1:unsupported:false v2v-nbdkit-launch -os lvm \
        -oc "test://$tmpdir/scsi.xml" $more "$tmpdir/disk"
    expect_error "'lvm' is no directory \\(its type is logical\\)"
    expect_hint 'type dir'
done
cat >"$tmpdir/alpha.xml" <<END
<domain type='kvm'>
  <name>alpha</name><memory unit='MiB'>64</memory>
  <os><type arch='alpha'>hvm</type></os>
  <devices>
    <disk type='file'><driver type='raw'/><source file='$tmpdir/disk'/>
      <target dev='sda' bus='sata'/></disk>
  </devices>
</domain>
END
for more in -q --check; do
    run_expecting 1:unsupported:false v2v-nbdkit-launch -oc "$libvirt_uri" \
        -i libvirtxml "$tmpdir/alpha.xml" $more
    expect_error 'libvirt cannot run such a guest with KVM here: alpha: '
done
rm -rf "$pool"
refused 1:write:false
expect_error "output directory $pool: No such file"
mkdir "$pool"

# It takes connections, and does not answer.
kill -STOP "$libvirtd_pid"
copy_to_libvirt 1:read:true --startup-timeout 2
expect_error 'libvirt did not answer for 2 seconds'
expect_nothing_left
kill -CONT "$libvirtd_pid"

stop_pid "$libvirtd_pid"
copy_to_libvirt 1:unreachable:true
expect_error 'cannot connect to libvirt: .*Failed to connect socket'
expect_nothing_left
expect_pool ''
