#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Our plugin for ssh takes the place of nbdkit's where nbdkit can load it, and
# only there.
. ./functions.sh

requires_plugin ssh
url=ssh://xen.example.com/disk.img

# With an nbdkit that loads it.
requires_ssh_plugin
run_expecting 0 v2v-nbdkit-launch --dry-run -o null "$url"
expect_stdout "^LANG=C nbdkit .* $ssh_plugin host=xen\.example\.com path="
expect_no_stdout ' ssh host='

# There is none.
without_ssh_plugin
run_expecting 0 v2v-nbdkit-launch --dry-run -o null "$url"
expect_stdout '^LANG=C nbdkit .* ssh host=xen\.example\.com path='

# It is of no use: nobody but who asks is told.
mkdir -p "$V2V_PLUGINDIR"
echo rubbish >"$V2V_PLUGINDIR/nbdkit-v2vssh-plugin.so"
run_expecting 0 v2v-nbdkit-launch --dry-run -o null "$url"
expect_stdout '^LANG=C nbdkit .* ssh host=xen\.example\.com path='
expect test ! -s "$err"
run_expecting 0 v2v-nbdkit-launch -v --dry-run -o null "$url"
expect_stderr 'nbdkit-v2vssh-plugin\.so is not used: '
expect_nothing_left
