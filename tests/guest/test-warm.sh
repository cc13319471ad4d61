#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A whole guest moves while it runs: a copy of a snapshot, then of what QEMU's
# dirty bitmap says has changed by the time it has shut down; that is the disk,
# byte for byte.  It is converted, and boots.
export V2V_TEST_TIMEOUT=${V2V_TEST_TIMEOUT-7200}
. ./functions.sh
. "$abs_srcdir/guest/guest.sh"

requires_program qemu-nbd qemu-img
requires_plugin nbd
make_guest
use_libguestfs
image=$tmpdir/image
qemu-img convert -f raw -O qcow2 "$guest" "$image"
mkdir "$tmpdir/out"

# copy EXPORT [OPTION...]: what there is at $tmpdir/nbd.
copy ()
{
    cat >"$tmpdir/guest.xml" <<EOF
<domain type='kvm'><name>guest</name><memory unit='MiB'>1024</memory>
<os><type arch='x86_64'>hvm</type></os><devices>
<disk type='network' device='disk'><driver name='qemu' type='raw'/>
<source protocol='nbd' name='$1'>
<host transport='unix' socket='$tmpdir/nbd'/></source>
<target dev='sda' bus='sata'/></disk></devices></domain>
EOF
    run_expecting 0 v2v-nbdkit-launch -i libvirtxml "$tmpdir/guest.xml" \
        -o disk -os "$tmpdir/out" "${@:2}"
}

# The guest runs until it is told to end, even when it has powered itself off.
start_server qemu qemu-system-x86_64 -accel tcg -m 1024 -nodefaults \
    -display none -no-shutdown -serial "file:$tmpdir/serial" \
    -blockdev "qcow2,node-name=disk,file.driver=file,file.filename=$image" \
    -device ide-hd,drive=disk -qmp "unix:$tmpdir/qmp,server=on,wait=off"
qmp () { "$abs_srcdir/qmp" "$tmpdir/qmp" "$@"; }
wait_for test -S "$tmpdir/qmp"

# writes: the guest has written to its disk.
writes ()
{
    expect is_running "$server_pid"
    qmp query-blockstats | jq -e 'any (.stats.wr_bytes > 0)'
}
wait_seconds=1200 wait_for writes
qemu-img create -q -f qcow2 "$tmpdir/fleece" "$(virtual_size raw "$guest")"
qmp blockdev-add "{\"node-name\": \"snapshot\", \"driver\": \"qcow2\",
    \"file\": {\"driver\": \"file\", \"filename\": \"$tmpdir/fleece\"},
    \"backing\": \"disk\"}"
qmp transaction '{"actions": [
    {"type": "block-dirty-bitmap-add", "data": {"node": "disk",
        "name": "since", "persistent": true}},
    {"type": "blockdev-backup", "data": {"device": "disk",
        "target": "snapshot", "sync": "none", "job-id": "backup"}}]}'
qmp nbd-server-start "{\"addr\": {\"type\": \"unix\", \"data\":
    {\"path\": \"$tmpdir/nbd\"}}}"
qmp block-export-add '{"type": "nbd", "id": "snapshot",
    "node-name": "snapshot", "name": "snapshot"}'
# The last copy will not write guest.xml, but convert the guest.
copy snapshot -oo bus=virtio
# It has gone on running, and goes on writing.
qmp nbd-server-stop
qmp block-job-cancel '{"device": "backup"}'
has_ended () { qmp query-status | jq -e '.status == "shutdown"'; }
wait_seconds=1200 wait_for has_ended
qmp quit
wait_for not is_running "$server_pid"
expect_booted
expect_not qemu-img compare -q -f raw -F qcow2 "$tmpdir/out/guest-sda" "$image"

start_server nbd qemu-nbd --persistent --shared=16 --read-only \
    --format=qcow2 --export-name=delta --bitmap=since \
    --socket="$tmpdir/nbd" "$image"
wait_for test -S "$tmpdir/nbd"
copy delta --changed-extents nbd:qemu:dirty-bitmap:since --convert "
    qemu-img compare -U -f raw -F qcow2 '$tmpdir/out/guest-sda' '$image' &&
    virt-v2v-in-place -i libvirtxml \"\$V2V_XML\""
expect_nothing_left
boots_from "$tmpdir/out/guest.xml"
says '/boot/efi: /dev/vda2'
