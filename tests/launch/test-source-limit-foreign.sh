#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --source-limit with files of others in --limit-dir: the ticket of another
# user's run that was killed, what is no ticket, and other keys.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/disk" 1M
limits=$tmpdir/limits
mkdir "$limits"
limit=(--source-limit 1 --limit-dir "$limits" --wait-timeout 1 -q -o null
       "$tmpdir/disk")

# What is no regular file is no ticket.
mkdir "$limits/x+ticket+1"
run_expecting 0 v2v-nbdkit-launch --limit-key x "${limit[@]}"
rmdir "$limits/x+ticket+1"
mkfifo "$limits/x+ticket+1"
run_expecting 0 v2v-nbdkit-launch --limit-key x "${limit[@]}"
rm "$limits/x+ticket+1"

# Keys that look like another one's files are keys.
for key in x.ticket x+ticket x.0 x+0 x+queue x.queue .x; do
    run_expecting 0 v2v-nbdkit-launch --limit-key "$key" "${limit[@]}"
done
exec 11<"$limits/x.ticket+0"
flock -n 11
run_expecting 0 v2v-nbdkit-launch --limit-key x "${limit[@]}"
exec 11<&-

# Only the next one before it is looked at by one that waits (each looking at
# all four times a second is too much where there are hundreds), and when that
# has gone, the next one again.
: >"$limits/x+ticket+1"
exec 11>"$limits/x+ticket+2" 12>"$limits/x+ticket+3"
flock -n 11
flock -n 12
run_in_background v2v-nbdkit-launch --limit-key x --source-limit 1 \
    --limit-dir "$limits" -q -o null "$tmpdir/disk"
wait_for test -e "$limits/x+ticket+4"
sleep 0.6
expect test -e "$limits/x+ticket+1"
flock -u 12
is_gone () { [ ! -e "$1" ]; }
wait_for is_gone "$limits/x+ticket+3"
sleep 0.6
expect test -e "$limits/x+ticket+4"
flock -u 11
wait_expecting 0
expect test -z "$(compgen -G "$limits/x+ticket+*")"
exec 11>&- 12>&-

# Files can be locked by all users, whatever the umask.
rm "$limits"/*
(umask 077; run_expecting 0 v2v-nbdkit-launch --limit-key x "${limit[@]}")
expect test "$(stat -c %a "$limits/x+0" "$limits/x+queue" | sort -u)" = 644

# A directory that is everybody's.  Root without capabilities is like another
# user: the ticket and the slot can be neither written nor removed.
if [ "$(id -u)" = 0 ] && type setpriv >/dev/null 2>&1 && chown 1:1 "$limits"
then
    chmod 1777 "$limits"
    echo >"$limits/x+ticket+1"
    chown 1:1 "$limits"/*
    chmod 644 "$limits"/*
    run_expecting 0 setpriv --bounding-set -all --inh-caps -all \
        "$(type -P v2v-nbdkit-launch)" --limit-key x "${limit[@]}"
    expect test -e "$limits/x+ticket+1"
fi
expect_nothing_left
