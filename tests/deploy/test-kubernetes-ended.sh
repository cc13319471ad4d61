#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The Pod of a guest's Job is ended, by the kubelet or with its node: the next
# one goes on where it stopped, and clears away what was left.
. ./functions.sh
. "$abs_srcdir/deploy/pods.sh"

size=$((128 << 20))
mkdir "$tmpdir/www"
truncate -s $size "$tmpdir/www/disk"
make_target $size
start_nginx
make_image
make_secret password "$http_password"
source=(-io curl-user="$http_user" "$http_url/auth/disk")
target=(-o device -oo path=/dev/target -on)

has_journal () { [ -n "$(left '*.journal')" ]; }

for signal in TERM KILL; do
    write_random "$tmpdir/www/disk" 0 $size
    run=(-ip /secret/password "${source[@]}" "${target[@]}" "$signal"
         --convert true)
    job "${run[@]}" --bandwidth 100M
    start_pod "$tmpdir/objects"
    wait_for has_journal
    "${podman[@]}" kill --signal "$signal" "$pod_container" >/dev/null
    if [ $signal = TERM ]; then
        end_pod 75
        expect result_is '.reason == "interrupted" and .resumable'
        expect test -z "$(left '*.password')"
    else
        end_pod 137
        expect test ! -s "$tmpdir/termination-log"
    fi
    arguments "${run[@]}"
    run_pod 0 "$tmpdir/objects"
    expect_pod_says Resuming
    expect cmp "$tmpdir/www/disk" "$loop_device"
    expect test -z "$(left 'v2v.*')"
done
