#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# -o libvirt: the run is ended, or loses its connection, at the moment when
# libvirt is to define the guest.  A guest that libvirt has keeps its disks,
# without one there are none, or --resume completes it.
. ./functions.sh
. "$abs_srcdir/libvirtd.sh"

requires_plugin file
requires_program jq
shim=$abs_builddir/shims/libvirt-define.so
[ -e "$shim" ] || skip 'the shim is not built'
! under_valgrind || skip 'valgrind cannot preload this'
! sanitized || skip 'a sanitizer wants to be loaded first'
start_libvirtd

# disturbed STATUS 'WHEN WHAT' SOURCE...: and $tmpdir/disk
disturbed ()
{
    run_expecting "$1" env LD_PRELOAD="$shim" V2V_TEST_DEFINE="$2" \
        "${tool[@]}" -o libvirt -oc "$libvirt_uri" -on guest "${@:3}" \
        "$tmpdir/disk"
    expect_nothing_left
}

# complete: what --resume makes of it.
complete ()
{
    copy_to_libvirt 0 --resume --result-file "$tmpdir/result" "$@"
    expect_pool guest-sda
    expect_guests guest
    expect_same "$tmpdir/disk" "$pool/guest-sda"
    expect test "$(stat -c %h "$pool/guest-sda")" = 1
    expect_nothing_left
    start_over
}

start_over ()
{
    virsh_does undefine guest
    rm -rf "$pool"/* "$state_dir"
}

make_disk "$tmpdir/disk" 4M

disturbed 137 'before kill'
expect_guests
expect_pool guest-sda guest.part
copy_to_libvirt 1:target-busy:false:true
copy_to_libvirt 0 --resume --check
expect_pool guest-sda guest.part
complete
expect test "$(jq '.disks[0].bytes_read' "$tmpdir/result")" = 0

disturbed 137 'after kill'
expect_guests guest
copy_to_libvirt 2:usage:false --resume
expect_hint "an interrupted run has defined it.* left, $pool/guest.part"
expect_same "$tmpdir/disk" "$pool/guest-sda"
start_over

# It is too late for it to change anything.
disturbed 0 'before term'
expect_guests guest
expect_pool guest-sda
start_over

disturbed 6:read:false:true 'before lost'
expect_guests
expect_pool guest.part
complete
expect test "$(jq '.disks[0].bytes_read' "$tmpdir/result")" = 0

disturbed 6:read:false:true 'after lost'
expect_hint "see whether libvirt has the guest 'guest'"
expect_guests guest
expect_same "$tmpdir/disk" "$pool/guest-sda"
start_over

# What is left of NAME.part is removed by the next run, which has nothing else
# to do.
make_disk "$tmpdir/second" 1M
for name in journal sda sdb; do
    disturbed 137 "remove $name" "$tmpdir/second"
    expect_guests guest
    expect test -e "$pool/guest.part/sdb"
    copy_to_libvirt 0 --resume --check "$tmpdir/second"
    copy_to_libvirt 0 --resume --result-file "$tmpdir/result" "$tmpdir/second"
    expect_stderr 'has already finished'
    expect test "$(jq .changed "$tmpdir/result")" = false
    expect_pool guest-sda guest-sdb
    expect_same "$tmpdir/disk" "$pool/guest-sdb"
    expect test "$(stat -c %h "$pool/guest-sda")" = 1
    expect_nothing_left
    start_over
done
