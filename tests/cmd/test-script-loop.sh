#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The loop of the scripting page, as it is printed there, ends: it goes on with
# a copy that is interrupted, can be started again when all is done, and gives
# up when another try is of no use.
. ./functions.sh

requires_plugin file
requires_filter rate
requires_program jq
awk '/^=head2 Shell/ { wanted = 1 } /^=head2 Python/ { exit }
     wanted && /^ / { sub (/^ /, ""); print }' \
    "$abs_top_srcdir/docs/v2v-nbdkit-launch-scripting.pod" >"$tmpdir/loop"
expect grep -q '^for pause in' "$tmpdir/loop"

# In the way of the loop: the tool, whose first run is killed where the disk is
# large enough for a journal; and sleep, which only says so.
mkdir "$tmpdir/bin" "$tmpdir/work"
cat >"$tmpdir/bin/v2v-nbdkit-launch" <<END
#!/bin/bash
echo "\$*" >>"$tmpdir/calls"
[ -e kill-first ] || exec ${tool[*]} "\$@"
rm kill-first
${tool[*]} --bandwidth 150M "\$@" &
while ! [ -e out/guest.part/journal ]; do sleep-really 0.05; done
kill -KILL \$!
wait \$!
END
printf '#!/bin/sh\necho sleep >>"%s"\n' "$tmpdir/calls" >"$tmpdir/bin/sleep"
ln -s "$(type -P sleep)" "$tmpdir/bin/sleep-really"
chmod +x "$tmpdir/bin"/*

# loop STATUS CALLS SLEEPS
loop ()
{
    rm -f "$tmpdir/calls"
    cd "$tmpdir/work"
    run_expecting "$1" env PATH="$tmpdir/bin:$PATH" bash -e "$tmpdir/loop"
    cd "$OLDPWD"
    expect test "$(grep -c -- --resume "$tmpdir/calls")" = "$2"
    expect test "$(grep -c '^sleep$' "$tmpdir/calls" || :)" = "$3"
}

mkdir "$tmpdir/work/out"
truncate -s 150M "$tmpdir/work/disk.img"
write_random "$tmpdir/work/disk.img" 0 157286400
touch "$tmpdir/work/kill-first"
loop 0 2 1
expect_stdout '^true$'
expect_stdout 'out/guest-sda$'
expect_same "$tmpdir/work/disk.img" "$tmpdir/work/out/guest-sda"
loop 0 1 0
expect_stdout '^false$'
expect_stdout 'out/guest-sda$'

# What does not get better ends the loop at once; what could, in the end.
rm "$tmpdir/work/disk.img"
loop 4 1 0
expect_error 'No such file'
pick_port
sed -i "s,disk.img,nbd://127.0.0.1:$port,; s,-on guest,-on other," \
    "$tmpdir/loop"
loop 4 4 3
expect test "$(jq -r .reason "$tmpdir/work/result.json")" = unreachable
