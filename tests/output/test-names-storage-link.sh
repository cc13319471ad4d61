#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The way to -os: links of ours are followed, those that another user has put
# into a directory that both can write to are not.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/disk" 1M
victim="$tmpdir/a victim"
mkdir "$tmpdir/shared" "$victim" "$victim/sub"
chmod 1777 "$tmpdir/shared"
cd "$tmpdir"

# followed DIR WHERE
followed ()
{
    run_expecting 0 v2v-nbdkit-launch -o disk -os "$1" -on guest "$tmpdir/disk"
    expect test -s "$2/guest-sda" -a -s "$2/guest.xml"
    expect grep -q "file=.$2/guest-sda" "$2/guest.xml"
    rm "$2"/guest*
}

ln -s "$victim" shared/ours
ln -s 'a victim' trusted
for dir in shared/ours shared/ours/ shared/ours/. "$tmpdir/shared/ours" \
    trusted ./trusted// /proc/self/cwd/trusted; do
    followed "$dir" "$victim"
done
followed shared/ours/sub "$victim/sub"
(cd "$victim" && followed . "$victim")

requires_other_user
other ln -s "$victim" shared/theirs
other ln -s "$victim/none" shared/dangling
mkdir open
chmod 777 open
other ln -s "$victim" open/theirs
for dir in shared/theirs shared/theirs/ shared/theirs/sub \
    "$tmpdir/open/theirs" shared/dangling open/../shared/theirs/../sub; do
    for more in "" --resume --check; do
        # shellcheck disable=SC2086
        run_expecting 1:write:false v2v-nbdkit-launch -o disk -os "$dir" \
            -on guest "$tmpdir/disk" $more \
            --convert "touch '$tmpdir/converted'"
        expect_error 'is not followed, because another user'
        expect_hint 'name the place that it leads to'
    done
done
expect test ! -e converted
expect test -z "$(find "$victim" -type f)"
# The place itself.
followed "$victim" "$victim"
expect_nothing_left
