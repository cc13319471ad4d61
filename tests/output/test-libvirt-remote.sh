#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# -o libvirt: the pool of another host is not here, which is said without a
# connection.  -oc is for nothing else, and is a URI.
. ./functions.sh

requires_plugin file
grep -q 'HAVE_LIBVIRT 1' "$abs_top_builddir/config.h" ||
    skip 'built without libvirt'
make_disk "$tmpdir/disk" 1M
mkdir "$tmpdir/out"
for uri in qemu+ssh://root:sesame-5c1e@host.example/system \
           qemu://host.example/system qemu+tls://host.example:1234/system; do
    run_expecting 2:usage:false v2v-nbdkit-launch -o libvirt -oc "$uri" \
        "$tmpdir/disk"
    expect_error 'guests of this host only, not of host.example'
    expect_hint '-o disk'
done
expect_nowhere sesame-5c1e
run_expecting 1:unreachable:true env LIBVIRT_DEFAULT_URI=none:///x \
    "${tool[@]}" -o libvirt "$tmpdir/disk"
for uri in system '' /var/run/libvirt; do
    run_expecting 2:usage:false v2v-nbdkit-launch -oc "$uri" "$tmpdir/disk"
    expect_error "oc: '$uri' is not a libvirt URI"
done
for output in '-o disk' '-o null' '-o device -oo path=/dev/null'; do
    # shellcheck disable=SC2086
    run_expecting 2:usage:false v2v-nbdkit-launch $output \
        -os "$tmpdir/out" -oc test:///default "$tmpdir/disk"
    expect_error 'oc is for -o libvirt only'
done
expect_nothing_left
