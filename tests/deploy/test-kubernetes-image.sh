#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The Containerfile makes an image of Debian and this source tree, in which the
# Pod of a guest's Job moves a disk.
[ -z "${V2V_TEST_LONG-}" ] ||
    export V2V_TEST_TIMEOUT=${V2V_TEST_TIMEOUT:-1800}
. ./functions.sh

[ -n "${V2V_TEST_LONG-}" ] || skip 'takes minutes: V2V_TEST_LONG=1'
. "$abs_srcdir/deploy/pods.sh"
requires_program debootstrap

make_disk "$tmpdir/disk" 8M
make_target 8M
debootstrap --variant=minbase bookworm "$tmpdir/base" \
    >"$tmpdir/logs/debootstrap" 2>&1 ||
    skip "debootstrap: $(tail -n 1 "$tmpdir/logs/debootstrap")"
import_image "$tmpdir/base" base
"${podman[@]}" build --layers=false --network host \
    --build-arg BASE=localhost/base:test \
    -f "$manifests/Containerfile" -t localhost/v2v-nbdkit-launch:test \
    "$abs_top_srcdir" >"$tmpdir/logs/build" 2>&1

image_has ()
{
    test "$("${podman[@]}" image inspect -f "{{.Config.$1}}" \
        localhost/v2v-nbdkit-launch:test)" = "$2"
}
# A user by number: with a name, runAsNonRoot would refuse it.
expect image_has User 65532:0
expect image_has Entrypoint '[v2v-nbdkit-launch]'

make_volume secret
cp "$tmpdir/disk" "$tmpdir/volumes/secret/disk"
chmod 0644 "$tmpdir/volumes/secret/disk"
job /secret/disk -o device -oo path=/dev/target
run_pod 0 "$tmpdir/objects"
expect result_is '.status == "ok" and .changed'
expect cmp "$tmpdir/disk" "$loop_device"
