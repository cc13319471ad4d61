#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What is not as the schema says is found out.
. ./functions.sh

requires_program python3
check=(python3 "$abs_srcdir/check-json-lines"
       "$abs_top_srcdir/docs/v2v-nbdkit-launch.schema.json")
time='"timestamp":"2026-03-14T09:26:53.589Z"'

expect_valid ()
{
    printf '%s\n' "$1" >"$tmpdir/line"
    expect "${check[@]}" "$tmpdir/line"
}

expect_wrong ()
{
    printf '%s\n' "$1" >"$tmpdir/line"
    expect_not "${check[@]}" "$tmpdir/line" 2>/dev/null
}

expect_valid "{\"type\":\"start\",$time,\"schema\":1,\"version\":\"1\"}"
expect_valid "{\"type\":\"start\",$time,\"schema\":1,\"version\":\"1\",\"x\":2}"
expect_valid "{\"type\":\"of-tomorrow\",$time}"
expect_valid 'text for people'
expect_wrong "{\"type\":\"start\",$time,\"schema\":2,\"version\":\"1\"}"
expect_wrong "{\"type\":\"start\",$time,\"schema\":true,\"version\":\"1\"}"
expect_wrong "{\"type\":\"start\",$time,\"schema\":1}"
expect_wrong '{"type":"message","message":"without a time"}'
expect_wrong '{"type":"message","timestamp":"yesterday","message":""}'
expect_wrong "{\"type\":\"message\",$time,\"message\":1}"
expect_wrong "{\"type\":\"message\",$time,\"message\":\"cut"
expect_wrong "{\"type\":\"message\",$time,\"message\":\"1\",\"message\":\"2\"}"
expect_wrong "{\"type\":\"command\",$time,\"program\":\"x\",\"env\":{\"A\":1},\"argv\":[\"x\"]}"
expect_wrong "{\"type\":\"command\",$time,\"program\":\"x\",\"env\":{},\"argv\":[]}"
expect_wrong "{\"type\":\"progress\",$time,\"phase\":\"copy\",\"done\":-1,\"total\":1,\"rate\":1,\"disk\":0}"
expect_wrong "{\"type\":\"progress\",$time,\"phase\":\"copy\",\"done\":1,\"total\":1,\"rate\":1}"
expect_wrong "{\"type\":\"source\",$time,\"name\":\"x\"}"
expect_wrong "{\"type\":\"error\",$time,\"message\":\"x\",\"reason\":\"bad-luck\",\"retryable\":false,\"resumable\":false,\"exit\":1}"

# result DISKS: a result of these.
result ()
{
    echo "{\"type\":\"result\",$time,\"status\":\"ok\",\"exit\":0,\"changed\":false,\"disks\":$1}"
}

expect_wrong "{\"type\":\"result\",$time,\"status\":\"ok\",\"exit\":0,\"disks\":[]}"
expect_valid "$(result '[]')"
expect_wrong "$(result '[{}]')"
expect_wrong "$(result '[{"disk":0}]')"
copied='"disk":0,"virtual_size":3,"bytes_read":1,"bytes_written":1,"bytes_zero":1,"seconds":0,"retries":0'
expect_wrong "$(result "[{$copied}]")"
expect_valid "$(result "[{$copied,\"bytes_unused\":1}]")"
expect_wrong "$(result "[{$copied,\"bytes_unused\":-1}]")"
# What the disks add up to.
totals='"disks":1,"targets":1,"virtual_size":3,"bytes_read":1,"bytes_written":1,"bytes_zero":1,"bytes_unused":1,"retries"'
expect_valid "$(result "[],\"totals\":{$totals:0}")"
expect_wrong "$(result "[],\"totals\":{$totals:-1}")"
expect_wrong "$(result '[],"totals":{"disks":1}')"
# What --check tells of a disk.
expect_valid "$(result '[{"disk":0,"filesystems":[]}]')"
expect_valid "$(result '[{"disk":0,"filesystems":[{"name":"sda1","kind":"ext4","size":2,"used":1}]}]')"
expect_wrong "$(result '[{"disk":0,"filesystems":[{"kind":"ext4"}]}]')"
expect_wrong "$(result '[{"disk":0,"filesystems":[{"name":"sda1","used":"1"}]}]')"
expect_wrong "$(result '[{"filesystems":[]}]')"
