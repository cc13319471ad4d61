#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What cannot be unpacked: each time status 4, and what to do.
. ./functions.sh

requires_plugin file
requires_filter gzip
requires_filter xz
requires_program gzip xz
mkdir "$tmpdir/out" "$tmpdir/www"
cd "$tmpdir/www"
make_disk raw 3M
gzip -k raw
xz -k raw
start_nginx

# refused FILTER FILE MESSAGE HINT [ARGUMENT...]
refused ()
{
    local place

    for place in . "$http_url"; do
        run_expecting 4:unsupported:false v2v-nbdkit-launch -io filter="$1" \
            "$place/$2" -os "$tmpdir/out" -on g "${@:5}"
        expect_error "$3"
        expect_hint "$4"
        expect_no_stderr 'try: curl'
        expect test -z "$(ls -A "$tmpdir/out")"
    done
}
refused gzip raw 'incorrect header check' 'leave out -io filter='
refused xz raw 'not an xz file' 'leave out -io filter='
for filter in gzip xz; do
    file=raw.${filter/gzip/gz}
    for n in 4 400000; do
        head -c -$n $file >cut
        refused $filter cut 'gzip: inflate|xz: invalid stream' damaged
    done
    cp $file broken
    printf broken | dd of=broken bs=1 seek=10000 conv=notrunc status=none
    refused $filter broken 'gzip: inflate|could not parse block' damaged
done

# One block that is larger than allowed.
refused xz raw.xz 'largest block is bigger' 'xz --block-size=.*xz-max-block' \
    -io xz-max-block=1M
run_expecting 0 v2v-nbdkit-launch -io filter=xz -io xz-max-block=3M raw.xz \
    -os "$tmpdir/out" -on g
expect_same raw "$tmpdir/out/g-sda"
run_expecting 2:usage:false v2v-nbdkit-launch -io xz-max-block=3M raw -o null
expect_error 'xz-max-block needs -io filter=xz'
expect_nothing_left
