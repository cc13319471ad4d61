#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Files that are written when the run ends replace what another user has put
# there since it began: neither does a link lead elsewhere, nor does a FIFO
# get the text.
. ./functions.sh

requires_other_user
requires_plugin file
make_disk "$tmpdir/disk" 1M
mkdir "$tmpdir/victim" "$tmpdir/other"
for mode in 1777 0777; do
    mkdir "$tmpdir/shared"
    chmod $mode "$tmpdir/shared"
    ln -s "$tmpdir/shared/linked" "$tmpdir/ours"
    echo precious >"$tmpdir/victim/file"
    # The run's own command stands for the other user.
    cat >"$tmpdir/plant" <<END
cd "$tmpdir/shared"
other="setpriv --reuid=12345 --regid=12345 --clear-groups"
rm -f result report linked
\$other ln -s "$tmpdir/victim/file" result
\$other ln -s "$tmpdir/victim/new" linked
\$other mkfifo -m 0666 report
END
    run_expecting 0 v2v-nbdkit-launch --convert "sh $tmpdir/plant" \
        --result-file "$tmpdir/shared/result" \
        --report "$tmpdir/shared/report" -o null "$tmpdir/disk"
    expect_no_stderr 'warning|error'
    for file in result report; do
        expect test -f "$tmpdir/shared/$file"
        expect_not test -L "$tmpdir/shared/$file"
        expect test -s "$tmpdir/shared/$file"
    done
    # The same behind a link of ours.
    rm "$tmpdir/shared"/*
    run_expecting 0 v2v-nbdkit-launch --convert "sh $tmpdir/plant" \
        --result-file "$tmpdir/ours" -o null "$tmpdir/disk"
    expect_not test -L "$tmpdir/shared/linked"
    expect test -s "$tmpdir/shared/linked"
    expect test -L "$tmpdir/ours"
    expect test "$(cat "$tmpdir/victim/file")" = precious
    expect_not test -e "$tmpdir/victim/new"
    rm -r "$tmpdir/shared" "$tmpdir/ours"
done
expect_nothing_left
