#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --summary names and skips what is cut, empty or somebody else's, and shows
# hostile text as text.
. ./functions.sh

requires_program jq python3
mkdir "$tmpdir/results"
cd "$tmpdir/results"
: >empty.json
printf '{"type":"result","timestamp":"2026-01-02T03:04:' >cut.json
echo 'hello' >foreign.txt
echo '{"type":"result"}' >other.json
head -c 100000 /dev/zero >zeroes.json
yes '[' | head -n 100000 | tr -d '\n' >deep.json
mkfifo fifo.json
mkdir esx1 .hidden
cp other.json esx1/web.json
ln -s /nonexistent link.json
echo '{"type":"start","timestamp":"2026-01-02T03:04:05Z"}' >started.json
# JSON lines: the last object that tells something, also before a cut one.
{
    echo '{"type":"start","timestamp":"2026-01-02T03:04:05Z"}'
    echo '{"type":"progress","timestamp":"2026-01-02T03:04:06Z","disk":0,"done":7,"total":9}'
    echo '{"type":"progress","timestamp":"2026-01-02T03:04:06Z","phase":"copy","done":3,"total":10}'
    printf '{"type":"progress","timest'
} >lines.json
name=$'=cmd|\e[31m\u202e"x,y'
python3 - "$name.json" <<'EOF'
import json
import sys

with open(sys.argv[1], "w") as file:
    json.dump({"type": "error", "timestamp": "2026-01-02T03:04:05Z",
               "message": "=1+1\r\n\x1b[2J<b>", "reason": "x\x1b]0;y\x07",
               "retryable": "yes", "hint": {"not": "text"}, "exit": -1,
               "seconds": 1e300, "disks": "none"}, file)
EOF
python3 - <<'EOF'
import json

with open("numbers.json", "w") as file:
    json.dump({"type": "result", "timestamp": "9999999-99-99",
               "changed": True, "seconds": -5,
               "disks": [None, 3, {"virtual_size": -1, "bytes_read": 1e99},
                         {"virtual_size": 2 ** 70, "target": 5}]}, file)
EOF
cd "$abs_builddir"

run_expecting 0 v2v-nbdkit-launch --summary "$tmpdir/results"
for file in empty cut other zeroes deep fifo link started; do
    expect_stderr "warning: $tmpdir/results/$file.json: "
done
expect_stderr 'foreign.txt: it is cut off, or not of v2v-nbdkit-launch'
expect_stderr "warning: $tmpdir/results/esx1: it is a directory"
expect_not grep -q hidden "$err"
expect_stderr 'empty.json: it is empty: the run goes on, or was killed'
expect_stdout '^lines  *silent .* 30% '
expect_stdout '^numbers  *ok '
expect_stdout '^3 guests: 1 ok 1 failed 1 silent$'
run_expecting 0 v2v-nbdkit-launch -q --summary=json "$tmpdir/results"
expect jq -e '.skipped | length == 10' "$out"
expect_no_stderr .

# Numbers beyond all sense, no reason, and a clock that is years ahead.
mkdir "$tmpdir/wrong"
max=9223372036854775807
for i in 1 2; do
    echo '{"type":"result","timestamp":"2026-01-02T03:04:05Z","seconds":0.001,' \
        '"changed":true,"host":"h","disks":[{"virtual_size":'$max',' \
        '"bytes_read":'$max',"bytes_written":'$max',"target":"t"},' \
        '{"virtual_size":1,"bytes_read":1,"bytes_written":1}]}' \
        >"$tmpdir/wrong/max$i.json"
done
echo '{"type":"error","timestamp":"2026-01-02T03:04:05Z"}' \
    >"$tmpdir/wrong/unsaid.json"
echo '{"type":"progress","timestamp":"2996-01-02T03:04:05Z","phase":"copy",' \
    '"done":50,"total":10}' >"$tmpdir/wrong/ahead.status"
run_expecting 0 v2v-nbdkit-launch --summary=json "$tmpdir/wrong"
expect jq -e '.size > 9.2e18 and .read > 9.2e18 and .written > 9.2e18 and
    .hosts[0].rate > 9e18 and all (.guests[]; .rate >= 0 and .size >= 0) and
    (.guests[] | select (.guest == "ahead") |
        .state == "silent" and .time == 0 and .done == 10)' "$out"
run_expecting 0 v2v-nbdkit-launch --summary "$tmpdir/wrong"
expect_stdout '^ahead  *silent .* 100% '
expect_stdout '^unsaid  *failed .* internal: [?]$'

# Spreadsheets calculate what begins like a formula.
run_expecting 0 v2v-nbdkit-launch -q --summary=csv "$tmpdir/results"
expect python3 - "$out" <<'EOF'
import csv
import sys

with open(sys.argv[1], newline="") as file:
    rows = list(csv.DictReader(file))
assert len(rows) == 3
for row in rows:
    for value in row.values():
        assert not value.startswith(("=", "+", "@", "\t")), row
EOF

# Single files, and what cannot be read.
run_expecting 0 v2v-nbdkit-launch --summary "$tmpdir/results/numbers.json"
expect_stdout '^1 guests: 1 ok$'
run_expecting 1:not-found:false v2v-nbdkit-launch --summary "$tmpdir/none"
expect_error "$tmpdir/none: No such file"
run_expecting 2:usage:false v2v-nbdkit-launch --summary
expect_hint 'result-file'
run_expecting 2:usage:false v2v-nbdkit-launch --summary=xml "$tmpdir/results"
mkdir "$tmpdir/nothing"
run_expecting 0 v2v-nbdkit-launch --summary "$tmpdir/nothing"
expect_stdout '^0 guests:$'

# header CLASS SOURCE...: what the page thinks of these.
header ()
{
    run_expecting 0 v2v-nbdkit-launch -q --summary --report "$tmpdir/page" \
        "${@:2}"
    expect grep -q "^<header class=\"$1\">" "$tmpdir/page"
}

header good "$tmpdir/results/numbers.json"
expect grep -q '1 of 1 guests are done' "$tmpdir/page"
expect_not grep -q '<p>Files that were skipped' "$tmpdir/page"
header bad "$tmpdir/results/empty.json" "$tmpdir/results/numbers.json"
expect grep -q '1 of 1 guests are done' "$tmpdir/page"
expect grep -q '<p>Files that were skipped: 1</p>' "$tmpdir/page"
header bad "$tmpdir/nothing"
