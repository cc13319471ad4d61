#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# expect_error, expect_detail and expect_hint look at one part of an error
# each; expect_nowhere looks everywhere; random data come back with their seed.
. ./functions.sh

# sees COMMAND...: the test would fail.
sees ()
{
    ! (trap - ERR EXIT
       "$@") 2>"$tmpdir/seen" || fail "passed: $*"
}

cat >"$err" <<'END'
[    0.0] Opening the hay
v2v-nbdkit-launch: error: cannot open the message, which
has two lines
  nbdkit: the detail
hint: the advice
END
expect_error 'the message'
expect_error '^cannot open .*which$'
expect_error 'two lines'
expect_detail '^nbdkit: the detail$'
expect_hint '^the advice$'
for other in hay 'the detail' 'the advice' nbdkit 'error:'; do
    sees expect_error "$other"
done
for other in hay 'the message' 'two lines' 'the advice'; do
    sees expect_detail "$other"
done
for other in hay 'the message' 'two lines' 'the detail'; do
    sees expect_hint "$other"
done
echo 'v2v-nbdkit-launch: error: a second one' >>"$err"
sees expect_error 'the message'

: >"$out"
: >"$err"
mkdir "$tmpdir/out" "$tmpdir/overlays" "$tmpdir/state"
expect_nowhere sesame
for file in stdout stderr logs/any logs/result events.json run.log page.html \
            tmp/left out/guest.xml overlays/left state/record.journal \
            home/left; do
    echo 'open sesame' >"$tmpdir/$file"
    sees expect_nowhere sesame
    : >"$tmpdir/$file"
done

echo hay >"$tmpdir/file"
expect_not grep -q needle "$tmpdir/file"
expect_not cmp -s "$tmpdir/file" "$out"
sees expect_not grep -q hay "$tmpdir/file"
sees expect_not grep -q needle "$tmpdir/none"
sees expect_not cmp -s "$tmpdir/file" "$tmpdir/none"

test_seed=1
truncate -s 64k "$tmpdir/a" "$tmpdir/b"
write_random "$tmpdir/a" 0 65536
write_random "$tmpdir/b" 0 65536
expect_not cmp -s "$tmpdir/a" "$tmpdir/b"
random_writes=0
mv "$tmpdir/a" "$tmpdir/first"
truncate -s 64k "$tmpdir/a"
write_random "$tmpdir/a" 0 65536
expect_same "$tmpdir/first" "$tmpdir/a"
test_seed=2
random_writes=0
write_random "$tmpdir/a" 0 65536
expect_not cmp -s "$tmpdir/first" "$tmpdir/a"
