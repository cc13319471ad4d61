#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A server that redirects only later, when nbdkit asks it: with secrets nbdkit
# does not go there, and the redirection's page is not taken for the disk.
. ./functions.sh

requires_plugin curl
nbdkit curl --help | grep -q followlocation= ||
    skip "this nbdkit follows redirections in any case"
make_disk "$tmpdir/disk" 2M
mkdir "$tmpdir/out"
start_redirecting first
start_redirecting second
for n in 2 5 9 14; do
    for how in 302 big; do
        run_expecting '[46]' v2v-nbdkit-launch --retries 1 \
            -os "$tmpdir/out" -on late -io curl-cookie=sess=cookie-81f3 \
            -io 'curl-header=X-Auth: header-81f3' \
            "$first_url/after/$n/$how/$second_url/disk.img"
        expect test ! -e "$tmpdir/out/late-sda"
    done
done
# What is wrong is said: nbdkit's HEAD, or its first reads, are redirected.
# (Below that are nbdkit's own lines; at the latter 1.32 aborts.)
for how in 2/302 2/big 3/302; do
    run_expecting 4:source-changed:false v2v-nbdkit-launch -o null \
        -io curl-cookie=sess=cookie-81f3 \
        "$first_url/after/$how/$second_url/another.img"
    expect_stderr "cannot open .*the server now redirects to $second_url"
done
! grep 81f3 "$tmpdir/logs/second-requests" ||
    fail "the other server got secrets"
! grep HEAD "$tmpdir/logs/second-requests" || fail "nbdkit went there"
expect_nothing_left
