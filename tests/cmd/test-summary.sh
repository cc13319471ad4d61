#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --summary: what many runs have told, from their result and status files.
. ./functions.sh

requires_plugin file
requires_filter rate
requires_program jq python3
make_disk "$tmpdir/disk" 4M
mkdir "$tmpdir/out" "$tmpdir/results" "$tmpdir/results/.directory"
results=$tmpdir/results

# one NAME STATUS ARGUMENT...: a run that leaves NAME.json.
one ()
{
    run_expecting "$2" v2v-nbdkit-launch --result-file "$results/$1.json" \
        "${@:3}"
}

one web-2 0 "$tmpdir/disk" -os "$tmpdir/out" -on web-2
one web-10.example.com 0 "$tmpdir/disk" -os "$tmpdir/out" -on web-10
one web-10.example.com 0 --resume "$tmpdir/disk" -os "$tmpdir/out" -on web-10
one measured 0 "$tmpdir/disk" -o null
one tested 0 --check "$tmpdir/disk" -os "$tmpdir/out" -on tested
one gone 4:not-found:false "$tmpdir/none" -o null
one busy 4:unreachable:true "ssh://127.0.0.1:1/disk" -o null

# One that goes on, one that waits, one that was killed long ago.
v2v-nbdkit-launch -q --status-file "$results/running.status" -o null \
    --bandwidth 2M "$tmpdir/disk" &
runs () { jq -e '.phase == "copy" and .done > 0' "$results/running.status"; }
wait_for runs
stamp=$(date -u +%Y-%m-%dT%H:%M:%SZ)
echo '{"type":"waiting","timestamp":"'"$stamp"'","key":"esx1","limit":2,' \
    '"taken":2,"seconds":31.5,"host":"esx1"}' >"$results/waits.status"
echo '{"type":"progress","timestamp":"2026-01-02T03:04:05.678Z",' \
    '"phase":"copy","done":5,"total":10,"rate":0}' >"$results/killed.status"

run_expecting 0 v2v-nbdkit-launch --summary "$results"
expect_stdout '^GUEST  *STATE  *SIZE  *READ  *RATE  *TIME  *WHY$'
expect_stdout '^web-2  *ok  *4 MiB'
expect_stdout '^web-10.example.com  *unchanged '
expect_stdout '^measured  *ok '
expect_stdout '^tested  *checked '
expect_stdout '^gone  *failed .* not-found: cannot open '
expect_stdout '^running  *running .*%.* copy, [0-9:]* left$'
expect_stdout '^waits  *waiting .* 00:31 '
expect_stdout '^killed  *silent .* 50% .* copy$'
expect_stdout \
    "^9 guests: 2 ok 1 unchanged 1 checked 2 failed 1 running 1 waiting 1 \
silent$"
expect_stdout '^failed: 1 unreachable \(may succeed later\): is the SSH server'
expect_no_stderr .
# Versions are sorted as people do.
expect test "$(sed -n 's/ .*//; /^web/p' "$out" | tr '\n' ' ')" = \
    'web-2 web-10.example.com '

run_expecting 0 v2v-nbdkit-launch --summary=json "$results"
expect jq -e '.type == "summary" and .states.ok == 2 and .states.failed == 2 and
    .states.checked == 1 and (.guests | length) == 9 and
    .size == 2 * 4194304 and
    # What an earlier run has read says nothing of how fast this one was.
    (.guests | map (select (.guest == "web-10.example.com"))[0] |
        .state == "unchanged" and .read > 0 and .rate == 0) and
    (.guests | map (select (.guest == "web-2"))[0] | .rate > 0) and
    (.hosts | map (select (.host == "localhost"))[0] |
        .guests == 5 and .ended == 2 and .running == 1 and .busy > 0) and
    (.reasons | map (.reason) | sort) == ["not-found", "unreachable"] and
    (.guests | map (select (.guest == "busy"))[0] |
        .state == "failed" and .retryable and .host == "127.0.0.1")' "$out"

run_expecting 0 v2v-nbdkit-launch --summary=csv "$results"
expect python3 - "$out" <<'EOF'
import csv
import sys

with open(sys.argv[1], newline="") as file:
    rows = {row["guest"]: row for row in csv.DictReader(file)}
assert len(rows) == 9
assert rows["web-2"]["state"] == "ok" and rows["web-2"]["size"] == "4194304"
assert rows["busy"]["reason"] == "unreachable"
assert rows["busy"]["retryable"] == "1" and rows["gone"]["retryable"] == "0"
assert rows["waits"]["host"] == "esx1"
EOF
wait
expect_nothing_left
