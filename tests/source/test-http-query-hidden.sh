#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A signature in the query of a URL is no argument of an nbdkit that reads
# parameters from a file, and not in what it prints.
. ./functions.sh

secret=X-Signature=sesame-4711
use_stand_in 1.48 retry
run_expecting 0 v2v-nbdkit-launch --dry-run \
    "https://example.com/disk?$secret"
expect grep -qF ' @"$V2VDIR"/in0.url ' "$out"
expect_nowhere sesame-4711
# Where there is no query, there is nothing to hide.
run_expecting 0 v2v-nbdkit-launch --dry-run https://example.com/disk
expect_stdout ' url=https://example.com/disk '
# Older ones know no other way.
use_stand_in 1.32 retry
run_expecting 0 v2v-nbdkit-launch --dry-run \
    "https://example.com/disk?$secret"
expect_stdout "url=https://example.com/disk\?$secret"

mkdir "$tmpdir/www" "$tmpdir/out"
make_disk "$tmpdir/www/disk" 1M
start_nginx
export V2V_NBDKIT=$stand_ins/nbdkit-reads-params
run_expecting 0 v2v-nbdkit-launch -x -v -v --log "$tmpdir/log" -o disk \
    -os "$tmpdir/out" -on guest "$http_url/disk?$secret"
expect_same "$tmpdir/www/disk" "$tmpdir/out/guest-sda"
expect_stderr '@.*/in0\.url'
expect grep -q 'key=url' "$tmpdir/log"
expect_not grep sesame-4711 "$tmpdir/log" "$err"

# Nor is the URL to which the server redirects, from where nbdkit reads.
run_expecting 0 v2v-nbdkit-launch -x -v -v --log "$tmpdir/log2" -o disk \
    -os "$tmpdir/out" -on second -io 'curl-header=X-Token: hush' \
    "$http_url/redirect/disk?$secret"
expect_same "$tmpdir/www/disk" "$tmpdir/out/second-sda"
expect grep -q "key=url, value=$http_url/disk" "$tmpdir/log2"
expect_not grep sesame-4711 "$tmpdir/log2" "$err"

# What is kept, or shown to others, does not have it, whatever the version.
unset V2V_NBDKIT
run_expecting 0 v2v-nbdkit-launch --print-source "$http_url/disk?a=1&$secret"
expect_stdout '/disk\?a=\.\.\.&X-Signature=\.\.\. '
run_expecting 0 v2v-nbdkit-launch --print-source --machine-readable \
    "$http_url/disk?$secret"
expect_not grep sesame-4711 "$out"
run_expecting 4:not-found:false v2v-nbdkit-launch --machine-readable \
    --result-file "$tmpdir/result" --report "$tmpdir/page" -o null \
    "$http_url/none?$secret"
expect_not grep sesame-4711 "$tmpdir/result" "$tmpdir/page" "$out" "$err"
run_expecting 4:not-found:false v2v-nbdkit-launch -o null \
    "$http_url/none?$secret"
expect_hint "curl .*/none\?X-Signature=\.\.\.'"
expect_not grep sesame-4711 "$err"

# Nor do commands and lines of an nbdkit that has it as an argument.
sed 's/148/132/' "$stand_ins/nbdkit-reads-params" >"$tmpdir/nbdkit-1.32"
chmod +x "$tmpdir/nbdkit-1.32"
export V2V_NBDKIT=$tmpdir/nbdkit-1.32
run_expecting 0 v2v-nbdkit-launch -x -v -v --log "$tmpdir/log3" \
    --report "$tmpdir/page3" --machine-readable -o null \
    "$http_url/disk?a=1&$secret"
expect grep -q "url=$http_url/disk?a=\.\.\.&X-Signature=\.\.\." "$err"
expect grep -qF '/disk?a=...&X-Signature=..."' "$out"
expect grep -q "key=url, value=$http_url/disk" "$tmpdir/log3"
expect_not grep sesame-4711 "$tmpdir/log3" "$tmpdir/page3" "$out" "$err"
run_expecting 0 v2v-nbdkit-launch --dry-run --machine-readable \
    "$http_url/disk?$secret"
expect_stdout "/disk\?$secret\""
expect_nothing_left
