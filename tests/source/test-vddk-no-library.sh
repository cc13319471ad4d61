#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# -it vddk and -i nbdkit vddk: no plugin, no library in libdir or at all, or a
# library that cannot be used: status 3, told apart, and alike for both.
. ./functions.sh

use_vddk
plugin_words=(server=esx.example.com user=root password=+"$tmpdir/password"
              vm=moref=vm-42 thumbprint=12:34:56 'file=[ds] vm/vm.vmdk')
plugin=(v2v-nbdkit-launch -o null -i nbdkit vddk "${plugin_words[@]}")

# plugin_fails ARGUMENT...: -i nbdkit with these prints what the run before
# printed.
plugin_fails ()
{
    cp "$err" "$tmpdir/first"
    run_expecting 3:vddk-library:false "$@"
    expect diff "$tmpdir/first" "$err" >&2
    run_expecting 3:vddk-library:false "$@" --check
}

# libdir_fails PATTERN: with libdir $tmpdir/vddk.
libdir_fails ()
{
    run_expecting 3:vddk-library:false v2v-nbdkit-launch \
        "${vddk_options[@]}" -o null \
        -io vddk-libdir="$tmpdir/vddk" '[ds] vm/vm.vmdk'
    expect_error "$1"
    # Only -it vddk looks at the directory itself.
    [[ $1 == *'has no lib64'* ]] ||
        plugin_fails "${plugin[@]}" libdir="$tmpdir/vddk"
}

mkdir "$tmpdir/vddk"
libdir_fails "$tmpdir/vddk has no lib64"
mkdir "$tmpdir/vddk/lib64"
libdir_fails "libvixDiskLib was not found in $tmpdir/vddk"
# The stand-in knows version 8 alone.
touch "$tmpdir/vddk/lib64/libvixDiskLib.so.4"
libdir_fails "$tmpdir/vddk/lib64/libvixDiskLib.so.4 is there, but"
expect_hint ldd
mv "$tmpdir/vddk/lib64/libvixDiskLib.so.4" \
    "$tmpdir/vddk/lib64/libvixDiskLib.so.8"
VDDK_STANDIN_LIBRARY=wrong libdir_fails \
    "cannot use VMware's library libvixDiskLib in $tmpdir/vddk"
expect_detail 'VixDiskLib_InitEx'
expect_hint 'vddk-libdir'

VDDK_STANDIN_LIBRARY=missing run_expecting 3:vddk-library:false \
    v2v-nbdkit-launch "${vddk_options[@]}" -o null '[ds] vm/vm.vmdk'
expect_error 'libvixDiskLib was not found'
expect_hint 'vddk-libdir'
VDDK_STANDIN_LIBRARY=missing plugin_fails "${plugin[@]}"
VDDK_STANDIN_LIBRARY=missing plugin_fails v2v-nbdkit-launch -o null \
    -i nbdkit "$V2V_VDDK_PLUGIN" "${plugin_words[@]}"
run_expecting 0 "${plugin[@]}"
run_expecting 0 "${plugin[@]}" libdir="$tmpdir/vddk"

V2V_VDDK_PLUGIN=$tmpdir/none.so run_expecting 3:nbdkit-plugin:false \
    v2v-nbdkit-launch \
    "${vddk_options[@]}" -o null -io vddk-libdir="$tmpdir/vddk" \
    '[ds] vm/vm.vmdk'
expect_error "the nbdkit plugin 'vddk' cannot be used"
expect_hint 'nbdkit-plugin-vddk'
V2V_VDDK_PLUGIN=$tmpdir/none.so run_expecting 3:nbdkit-plugin:false \
    "${plugin[@]}"
expect_hint 'nbdkit-plugin-vddk'
expect_nothing_left
