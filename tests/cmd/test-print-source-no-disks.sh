#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --print-source shows a guest without disks; there is nothing to copy of it.
. ./functions.sh

cat > "$tmpdir/router.vmx" <<'VMX'
displayName = "router"
memsize = "64"
ethernet0.present = "TRUE"
ethernet0.virtualDev = "e1000"
ide1:0.present = "TRUE"
ide1:0.deviceType = "cdrom-image"
VMX

run_expecting 0 v2v-nbdkit-launch -i vmx "$tmpdir/router.vmx" --print-source
expect grep -q 'source name: router' "$out"
expect grep -q 'CD-ROM \[ide\]' "$out"
expect grep -q '\[e1000\]' "$out"

run_expecting 0 v2v-nbdkit-launch -i vmx "$tmpdir/router.vmx" \
    --print-source --machine-readable
expect jq -s -e '[.[] | select (.name == "router")][0].disks == []' "$out"

run_expecting 4:unsupported:false v2v-nbdkit-launch -i vmx \
    "$tmpdir/router.vmx" -o null
expect_error 'the guest has no disks'
expect_nothing_left
