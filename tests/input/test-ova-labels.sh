#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# An OVF that is in another encoding than it says: as XenCenter writes it, and
# as PowerShell saves it.
. ./functions.sh

requires_program iconv
make_ovf "$tmpdir/ovf"
rm "$tmpdir/ovf/vm.mf"
sed 's/mail server/grüße/' "$tmpdir/ovf/vm.ovf" >"$tmpdir/vm.ovf"
reads ()
{
    run_expecting 0 v2v-nbdkit-launch -i ova "$tmpdir/ovf" --print-source
    expect_stdout 'source name: grüße'
    tar -C "$tmpdir/ovf" -cf "$tmpdir/vm.ova" .
    run_expecting 0 v2v-nbdkit-launch -i ova "$tmpdir/vm.ova" --print-source
    expect_stdout 'source name: grüße'
    run_expecting 0 v2v-nbdkit-launch -i ova "$tmpdir/ovf/vm.ovf" \
        --print-source
    expect_stdout 'source name: grüße'
}
for label in utf-16 UTF-16LE utf-8; do
    sed "1s/UTF-8/$label/" "$tmpdir/vm.ovf" >"$tmpdir/labelled"
    cp "$tmpdir/labelled" "$tmpdir/ovf/vm.ovf"
    reads
    for encoding in UTF-16 UTF-16LE UTF-16BE; do
        iconv -f utf-8 -t $encoding "$tmpdir/labelled" >"$tmpdir/ovf/vm.ovf"
        reads
    done
done
expect_nothing_left
