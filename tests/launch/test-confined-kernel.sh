#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Where the kernel has no Landlock, or something forbids it, the run goes on
# without, and -v says why.
. ./functions.sh

shim=$abs_builddir/shims/no-landlock.so
[ -e "$shim" ] || skip "the shim is not built"
! sanitized || skip "a sanitizer wants to be preloaded first"
! under_valgrind || skip "valgrind has no Landlock anyway"
requires env LD_PRELOAD="$shim" V2V_TEST_LANDLOCK_ERRNO=1 true
make_disk "$tmpdir/src" 8M

# without_landlock ERRNO ARGUMENT...: run the command where Landlock fails so.
without_landlock ()
{
    look_expecting 0 env LD_PRELOAD="$shim" V2V_TEST_LANDLOCK_ERRNO="$1" \
        "${tool[@]}" -v "$tmpdir/src" "${@:2}"
}

look_around nbdkit qemu-img qemu-nbd
without_landlock 38 -o null
expect_stderr 'are not confined: this kernel has no Landlock .Function not'
without_landlock 95 -o null
expect_stderr 'are not confined: Landlock is switched off on this host .Oper'
without_landlock 1 -os "$tmpdir" -of qcow2 \
    --convert 'qemu-io -c "write -P 7 1M 64k" "$V2V_OVERLAY_0"'
expect_stderr 'are not confined: something forbids Landlock, .*.Operation not'
sed -i '/ removes .*No such file/d' "$tmpdir/looks"
expect_looks yes nbdkit qemu-img qemu-nbd
expect_nothing_left
