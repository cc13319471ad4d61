#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A whole guest is converted in place, by a run that was killed while it
# converted, one that was killed when it had written half of the changes, and
# one that wrote the rest; then the guest boots.
export V2V_TEST_TIMEOUT=${V2V_TEST_TIMEOUT-7200}
. ./functions.sh
. "$abs_srcdir/guest/guest.sh"

make_guest
use_libguestfs
disk=$tmpdir/disk
cp --sparse=always -- "$guest" "$disk"
cat >"$tmpdir/guest.xml" <<EOF
<domain type='kvm'><name>guest</name><memory>1048576</memory>
<os><type arch='x86_64' machine='q35'>hvm</type></os><devices>
<disk type='file' device='disk'><driver name='qemu' type='raw'/>
<source file='$disk'/><target dev='sda' bus='sata'/></disk>
</devices></domain>
EOF
cat >"$tmpdir/convert" <<EOF
echo "\$overlay" >>'$tmpdir/overlays'
virt-v2v-in-place -i libvirtxml "\$V2V_XML"
EOF
command=(v2v-nbdkit-launch -i libvirtxml "$tmpdir/guest.xml" --in-place
         --convert "sh '$tmpdir/convert'")
record=$disk.v2v-in-place

# written: how many bytes are in the overlay of the last conversion.
written ()
{
    echo $(($(stat -c %b "$(tail -n 1 "$tmpdir/overlays")") * 512))
}

# kill_when COMMAND...: kill the run as soon as COMMAND succeeds.
kill_when ()
{
    run_in_background "${command[@]}"
    wait_seconds=3000 wait_for "$@"
    kill -KILL "$tool_pid"
    wait_expecting 137
    wait_for servers_end
}
servers_end () { [ -z "$(marked_processes "$tool_mark")" ]; }

converts () { [ "$(written)" -gt $((16 << 20)) ]; }
kill_when converts
expect_nothing_left
expect_same "$guest" "$disk"
expect test ! -e "$record"

# writes: half of what is in the overlay has been written to the disk.  That is
# quick, so there is no pause once it has begun.
writes ()
{
    local total name bytes

    [ -e "$record" ] || return 1
    total=$(written)
    while :; do
        while read -r name bytes; do
            [ "$name" != wchar: ] || break
        done <"/proc/$tool_pid/io" || return 1
        [ "$bytes" -le $((total / 2)) ] || return 0
    done
}
kill_when writes
expect test -e "$record"
expect_not cmp -s "$guest" "$disk"
cp --sparse=always -- "$disk" "$tmpdir/half"

run_expecting 0 "${command[@]}"
expect_nothing_left
expect test ! -e "$record"
expect_not cmp -s "$tmpdir/half" "$disk"
expect test "$(wc -l <"$tmpdir/overlays")" = 2
sed -i 's/dev=.sda. bus=.sata./dev="vda" bus="virtio"/' "$tmpdir/guest.xml"
boots_from "$tmpdir/guest.xml"
says '/boot/efi: /dev/vda2'
