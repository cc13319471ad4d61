#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --print-source --machine-readable is one object among the JSON lines, for
# programs, and on their stream.
. ./functions.sh

requires_plugin file
requires_program jq
make_ovf "$tmpdir/ovf"
make_ova "$tmpdir/vm.ova"
print=(v2v-nbdkit-launch --print-source -i ova "$tmpdir/vm.ova")
run_expecting 0 "${print[@]}" --machine-readable
expect test "$(jq -r .type "$out")" = $'start\nmessage\nsource'
expect jq -e 'select (.type == "source") | .name == "mail server"' "$out" >&2
# The disk is a part of the OVA, whose name is not put together with others.
expect jq -e --arg ova "$tmpdir/vm.ova" 'select (.type == "source").disks |
    all (.location == $ova and .offset > 0 and .length > 0)' "$out" >&2

# Only on its stream.
run_expecting 0 "${print[@]}" --machine-readable=file:"$tmpdir/lines"
expect_no_stdout .
expect test "$(jq -r .type "$tmpdir/lines")" = $'start\nmessage\nsource'

# A command reads the same of V2V_JSON.
make_disk "$tmpdir/raw" 1M
run_expecting 0 v2v-nbdkit-launch --print-source --machine-readable \
    "$tmpdir/raw"
keys=$(jq -c 'select (.type == "source") | del (.type, .timestamp) |
              [keys, (.disks[0] | keys)]' "$out")
run_expecting 0 v2v-nbdkit-launch --run 'cat "$V2V_JSON"' "$tmpdir/raw"
expect test "$(jq -c '[keys, (.disks[0] | keys)]' "$out")" = "$keys"
expect_nothing_left
