#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --summary: which files are of one guest, and what it is called.
. ./functions.sh

requires_program jq
object ()
{
    echo '{"type":"'"$1"'","timestamp":"2026-01-02T03:04:0'"$2"'Z",' \
        '"reason":"auth","message":"no","changed":true,"seconds":1,"disks":[]}'
}
cd "$tmpdir"

# A directory for each guest.
mkdir -p per/{a,b,c}
for i in a b c; do
    object result 1 >per/$i/result.json
done
object error 2 >per/b/result.json
object result 1 >per/a/run.status
run_expecting 0 v2v-nbdkit-launch --summary per/*/result.json
expect_stdout '^per/a/result.json  *ok'
expect_stdout '^per/b/result.json  *failed'
expect_stdout '^per/c/result.json  *ok'
expect_stdout '^3 guests: 2 ok 1 failed$'
run_expecting 0 v2v-nbdkit-launch --summary=json per/a/ per/a per/b
expect jq -e '[.guests[] | .guest] ==
    ["per/a/result.json", "per/b/result.json", "run"]' "$out"

# Only suffixes of ours are none of the name's.
mkdir results
for i in db.one db.two web.json web.status x.result .json; do
    object result 1 >results/$i
done
run_expecting 0 v2v-nbdkit-launch --summary=json results results/.json
expect jq -e '[.guests[] | .guest] ==
    [".json", "db.one", "db.two", "web", "x"]' "$out"

# What a directory is called does not matter.
ln -s results other-name
mkdir copy
cp results/* copy
run_expecting 0 v2v-nbdkit-launch --summary=json results ./results \
    results/web.json other-name/web.status other-name "$tmpdir/results/"
expect jq -e '.guests | length == 4' "$out"
cd results
run_expecting 0 v2v-nbdkit-launch --summary=json web.json . ../copy
expect jq -e '.guests | length == 8' "$out"
expect_nothing_left
