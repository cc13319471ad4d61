#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# -o qemu: NAME.sh starts the guest on the copies, whatever its name, its
# directory and the place from which it is called are.
. ./functions.sh
. "$abs_srcdir/boot-sector.sh"

requires_plugin file
requires_program qemu-system-x86_64
make_disk "$tmpdir/1" 4M
make_disk "$tmpdir/2" 3M
make_disk "$tmpdir/3" 2M
make_bootable "$tmpdir/1" "$tmpdir/2" "$tmpdir/3"
printf 'disk 1\ndisk 2\ndisk 3\n' >"$tmpdir/expected"

# boots SCRIPT: in qemu as the script starts it, without KVM.
boots ()
{
    rm -f "$tmpdir/serial"
    (cd / && timeout 100 "$1" -machine accel=tcg -display none -no-reboot \
        -serial "file:$tmpdir/serial" </dev/null) >"$tmpdir/logs/qemu" 2>&1 ||
        fail "the guest does not start"
    expect_same "$tmpdir/expected" "$tmpdir/serial"
}

number=0
cd "$tmpdir"
for name in guest "it's a, guest" 'a"b$c`d\e' $'-x=\n#' 'näme,if=none'; do
    number=$((number + 1))
    dir="out $number,'\"\$x=(y)"
    mkdir "$dir"
    format=$([ $((number % 2)) = 0 ] && echo raw || echo qcow2)
    run_expecting 0 v2v-nbdkit-launch 1 2 3 -o qemu -os "$dir" -of "$format" \
        -on="$name"
    boots "$tmpdir/$dir/$name.sh"
    # It has written to the copy.
    qemu-img convert -f "$format" -O raw "$dir/$name-sda" after
    expect cmp -n 512 -i 0:512 after after
done

# Whatever the disks are attached to; SeaBIOS finds those on USB in any order.
for bus in ide scsi virtio virtio-scsi; do
    run_expecting 0 v2v-nbdkit-launch 1 2 3 -o qemu -os "$dir" -on $bus \
        -oo bus=$bus
    boots "$tmpdir/$dir/$bus.sh"
done

run_expecting 0 v2v-nbdkit-launch 1 -o qemu -os "$dir" -on usb -oo bus=usb
echo 'disk 1' >"$tmpdir/expected"
boots "$tmpdir/$dir/usb.sh"

# No shell is asked for but what every host has.
for shell in dash 'busybox sh' 'bash --posix'; do
    type -P "${shell%% *}" >/dev/null || continue
    # shellcheck disable=SC2086
    expect $shell -n "$tmpdir/$dir/$name.sh"
done
expect_nothing_left
