#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# data/failures has a failure for each reason and for each exit status, says of
# each reason what the manual page says, and each of its groups is run.
. ./functions.sh

requires_program jq
table=$abs_srcdir/data/failures
page=$abs_top_srcdir/docs/v2v-nbdkit-launch-scripting.pod
jq -r '.allOf[].then.properties.reason.enum // [] | .[]' \
    "$abs_top_srcdir/docs/v2v-nbdkit-launch.schema.json" >"$tmpdir/reasons"
expect test "$(wc -l <"$tmpdir/reasons")" -ge 28
grep -E '^[a-z-]+ [0-9]+:' "$table" >"$tmpdir/rows"

while read -r reason; do
    # retryable, as the page says: yes or no, or both.
    said=$(sed -n "s/^ $reason  *\(yes\|no\|yes or no\|no or yes\)  *.*/\1/p" \
               "$page")
    expect test -n "$said"
    sed -n "s/^not-yet \($reason\)\( .*\)\?$/\1/p" "$table" >"$tmpdir/not-yet"
    [ ! -s "$tmpdir/not-yet" ] || continue
    grep -E "^[a-z]+ [0-9]+:$reason:" "$tmpdir/rows" >"$tmpdir/of-reason" ||
        fail "there is no failure with the reason $reason"
    case $said in
        yes) expect_not grep -q ":$reason:false" "$tmpdir/of-reason" ;;
        no) expect_not grep -q ":$reason:true" "$tmpdir/of-reason" ;;
    esac
done <"$tmpdir/reasons"

for status in 1 2 3 4 5 6 7 8 130 143; do
    expect grep -q " $status:" "$tmpdir/rows"
done
# Nothing in the table is passed over.
while read -r group rest; do
    case $group in
        ''|'#'*|not-yet) ;;
        *) expect test -x "$abs_srcdir/launch/test-failures-$group.sh"
           expect grep -q "^$group [0-9]*:[a-z-]*:\(true\|false\)" \
               <<<"$group $rest" ;;
    esac
done <"$table"
