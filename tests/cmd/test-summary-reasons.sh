#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --summary: failures that may succeed later are not added to those with the
# same reason that never will.
. ./functions.sh

requires_program jq
mkdir "$tmpdir/results"

# failed NAME REASON RETRYABLE HINT
failed ()
{
    echo '{"type":"error","timestamp":"2026-01-02T03:04:05Z","seconds":1,' \
        '"message":"no","reason":"'"$2"'","retryable":'"$3"',' \
        '"hint":"'"$4"'"}' >"$tmpdir/results/$1.json"
}

failed a target-busy true 'try later'
for i in b c d; do
    failed $i target-busy false 'use --resume'
done
failed e auth false 'ask'
run_expecting 0 v2v-nbdkit-launch --summary --report "$tmpdir/page.html" \
    "$tmpdir/results"
expect test "$(grep '^failed: ' "$out")" = "\
failed: 3 target-busy: use --resume
failed: 1 auth: ask
failed: 1 target-busy (may succeed later): try later"
expect test "$(grep -o '<tr><td class="number">.*</tr>' "$tmpdir/page.html" |
    sed 's/<[^>]*>/ /g; s/  */ /g; s/^ //; s/ $//')" = "\
3 target-busy fails until something is changed use --resume
1 auth fails until something is changed ask
1 target-busy may succeed later try later"

run_expecting 0 v2v-nbdkit-launch --summary=json "$tmpdir/results"
expect jq -e '[.reasons[] | [.reason, .guests, .retryable, .hint]] == [
    ["target-busy", 3, false, "use --resume"], ["auth", 1, false, "ask"],
    ["target-busy", 1, true, "try later"]]' "$out"

# Of as many, those that will not go by themselves come first.
rm "$tmpdir"/results/[cd].json
run_expecting 0 v2v-nbdkit-launch --summary=json "$tmpdir/results"
expect jq -e '[.reasons[] | [.reason, .retryable]] == [["auth", false],
    ["target-busy", false], ["target-busy", true]]' "$out"
expect_nothing_left
