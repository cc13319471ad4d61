#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the command is told of the guest is not in the directory where nbdkit
# makes its socket: an nbdkit that a server has taken over would tell the
# command, which runs with all privileges, which files to convert.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/disk" 1M
cat >"$tmpdir/nbdkit" <<END
#!/bin/bash
before=
for argument; do
    if [ "\$before" = --unix ]; then
        for name in guest.xml guest.json; do
            echo PLANTED >"\${argument%/*}/\$name"
        done
        while sleep 0.1; do
            [ -e "\${argument%/*}" ] || exit
            for name in guest.xml guest.json; do
                echo PLANTED >"\${argument%/*}/\$name"
            done
        done 2>/dev/null &
    fi
    before=\$argument
done
exec nbdkit "\$@"
END
chmod +x "$tmpdir/nbdkit"
run_expecting 0 v2v-nbdkit-launch --nbdkit "$tmpdir/nbdkit" -o null \
    --convert 'sleep 0.5; cat "$V2V_XML" "$V2V_JSON"' "$tmpdir/disk"
expect grep -q '<domain' "$out"
expect_not grep -q PLANTED "$out"
expect_nothing_left
