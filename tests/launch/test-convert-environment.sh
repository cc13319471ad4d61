#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# COMMAND sees the documented variables.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/disk" 4M
mkdir "$tmpdir/out"
remember "$tmpdir/disk"
requires_program jq
run_expecting 0 v2v-nbdkit-launch -o null -on "gu est" --convert "
    env >'$tmpdir/logs/environment'
    cp \"\$V2V_XML\" '$tmpdir/logs/xml'
    cp \"\$V2V_JSON\" '$tmpdir/logs/json'
    test -S \"\$V2V_SOCKET_0\" && test \"\$V2V_SOCKET_0\" = \"\$unixsocket\" &&
    test -f \"\$V2V_OVERLAY_0\" && test \"\$V2V_OVERLAY_0\" = \"\$overlay\" &&
    test -n \"\$V2V_URI_0\" && test \"\$V2V_URI_0\" = \"\$uri\" &&
    test -n \"\$V2V_OVERLAY_URI_0\" &&
    qemu-img info --output=json \"\$uri\" >'$tmpdir/logs/info' &&
    qemu-img info --output=json \"\$overlay\"" "$tmpdir/disk"
expect grep -qxF 'V2V_GUEST_NAME=gu est' "$tmpdir/logs/environment"
expect grep -qxF 'V2V_DISK_COUNT=1' "$tmpdir/logs/environment"
expect_not grep -q '^V2V_OVERLAY_1=' "$tmpdir/logs/environment"
expect test "$(jq '.["virtual-size"]' "$tmpdir/logs/info")" = 4194304
expect grep -q '<domain' "$tmpdir/logs/xml"
expect grep -q '<name>gu est</name>' "$tmpdir/logs/xml"
expect jq -e '.name == "gu est" and (.disks | length) == 1' \
    "$tmpdir/logs/json" >&2
expect_untouched
expect_nothing_left

# Of two disks each has its own.
make_disk "$tmpdir/second" 1M
run_expecting 0 v2v-nbdkit-launch -o null --convert "
    env >'$tmpdir/logs/environment'
    cp \"\$V2V_XML\" '$tmpdir/logs/xml'" "$tmpdir/disk" "$tmpdir/second"
for variable in V2V_URI V2V_SOCKET V2V_OVERLAY V2V_OVERLAY_URI; do
    expect test "$(sed -n "s/^${variable}_[01]=//p" \
        "$tmpdir/logs/environment" | sort -u | wc -l)" = 2
done
for i in 0 1; do
    overlay=$(sed -n "s/^V2V_OVERLAY_$i=//p" "$tmpdir/logs/environment")
    expect test "$(grep -cF "\"$overlay\"" "$tmpdir/logs/xml")" = 1
done
expect_nothing_left
