#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What a guest's description, a package, an image and a server say cannot drive
# the terminal: it is shown as \xNN, in messages, the log and command lines.
. ./functions.sh

# ESC, BEL, CR, C1's CSI, and the override of the direction of writing.
bad=$'a\e]0;x\ab\rc\302\23331m\342\200\256d'
log=$tmpdir/run.log

# expect_shown PATTERN FILE...
expect_shown ()
{
    local pattern=$1

    shift
    expect grep -aq "$pattern" "$@"
    expect_no_controls "$@"
}

cat >"$tmpdir/a.vmx" <<'VMX'
.encoding = "UTF-8"
displayName = "a|1B]0;x|07b"
scsi0.present = "TRUE"
scsi0:0.present = "TRUE"
scsi0:0.fileName = "a|1B[31mb.vmdk"
VMX
run_expecting 4:not-found:false v2v-nbdkit-launch -i vmx "$tmpdir/a.vmx" \
    -o null --log "$log"
expect_shown 'a\\x1b\[31mb' "$err" "$log"
run_expecting 0 v2v-nbdkit-launch -i vmx "$tmpdir/a.vmx" --print-source
expect_shown 'a\\x1b\]0;x\\x07b' "$out"

make_disk "$tmpdir/$bad" 4M
run_expecting 0 v2v-nbdkit-launch "$tmpdir/$bad" -o null --dry-run
expect_shown "\\\\033" "$out"
# Each line is a whole command: an old nbdkit gets two.
expect_not grep -v '^LANG=C nbdkit ' "$out"
run_expecting 0 v2v-nbdkit-launch "$tmpdir/$bad" -o null -x -v \
    --log "$log" --report "$tmpdir/page.html" --machine-readable
expect_shown '\\033' "$err" "$log"
expect_shown 'u202e' "$out" "$tmpdir/page.html"
run_expecting 0 v2v-nbdkit-launch "$tmpdir/$bad" -o null --check
expect_shown . "$out"

qemu-img create -q -f qcow2 -u -F raw -b "/none/$bad" "$tmpdir/i.qcow2" 1M
run_expecting '4:untrusted-image:false' v2v-nbdkit-launch \
    "$tmpdir/i.qcow2" -o null
expect_shown '\\x1b\]0;x\\x07b\\x0dc' "$err"
expect_nothing_left
