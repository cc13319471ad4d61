#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --source-limit over several runs: they take turns in the order in which they
# came, a guest with more disks than the limit runs alone, and a run that
# waits says so once a second.
. ./functions.sh

requires_plugin file
requires_program jq
make_disk "$tmpdir/disk" 1M
mkdir "$tmpdir/limits"
limit=(--source-limit 2 --limit-dir "$tmpdir/limits" -o null)

# start NAME DISKS: a run that notes when it has its disks, and keeps them
# until NAME.go exists.  $tmpdir/pid-NAME is its PID.
start ()
{
    local name=$1 disks=() i

    for ((i = 0; i < $2; i++)); do
        disks+=("$tmpdir/disk")
    done
    v2v-nbdkit-launch -q "${limit[@]}" "${disks[@]}" \
        --machine-readable=file:"$tmpdir/$name.json" --convert \
        "echo $name >>'$tmpdir/order'
         while [ ! -e '$tmpdir/$name.go' ]; do sleep 0.05; done" &
    echo $! >"$tmpdir/pid-$name"
}

has_begun () { grep -qx "$1" "$tmpdir/order"; }
waits () { [ "$(ls "$tmpdir/limits" | grep -cF '+ticket+')" = "$1" ]; }
ends ()
{
    touch "$tmpdir/$1.go"
    expect wait "$(cat "$tmpdir/pid-$1")"
}

: >"$tmpdir/order"
start first 1
wait_for has_begun first
start second 1
wait_for has_begun second
# Nobody can pass the one that needs more than there is.
start large 5
wait_for waits 1
start third 1
wait_for waits 2
start fourth 1
wait_for waits 3
ends first
sleep 1.5
expect_not has_begun third
ends second
wait_for has_begun large
sleep 1
expect_not has_begun third
ends large
wait_for has_begun third
wait_for has_begun fourth
ends third
ends fourth
# There is room for both of the last ones at once.
order=$(tr '\n' ' ' <"$tmpdir/order")
[[ $order = 'first second large third fourth ' ||
   $order = 'first second large fourth third ' ]] || fail "$order"
# Slots stay, tickets do not.
expect_not waits 1
expect test -e "$tmpdir/limits/localhost+1"

expect_not grep -q '"waiting"' "$tmpdir/first.json"
expect jq -se 'map (select (.type == "waiting")) | length >= 2 and
    all (.key == "localhost" and .limit == 2) and
    any (.taken == 2) and any (.seconds >= 1)' "$tmpdir/large.json"

# How long it has waited is no time of the source's.
expect jq -se 'last | .waited > 1.4 and .seconds > .waited' \
    "$tmpdir/large.json"
expect jq -se 'last | has ("waited") | not' "$tmpdir/first.json"
seconds=$(jq -s 'last | .seconds - .waited' "$tmpdir/large.json")
v2v-nbdkit-launch --summary=json "$tmpdir/large.json" >"$tmpdir/summary"
expect jq -e --argjson s "$seconds" \
    '.guests[0].seconds - $s | fabs < 0.002' "$tmpdir/summary"
expect_nothing_left
