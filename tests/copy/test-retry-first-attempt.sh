#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The first attempt at a copy fails before anything is opened, because the
# source's server is away for a moment: the second one copies everything.
. ./functions.sh

requires_plugin file
requires_plugin nbd
make_disk "$tmpdir/disk" 8M
truncate -s 8M "$tmpdir/target"
mkdir "$tmpdir/out"
start_nbdkit source file "$tmpdir/disk"
# The copy's own nbdkit does not start, and the one of the overlay dies.
cat >"$tmpdir/nbdkit" <<EOF
#!/bin/sh
for word; do
    case \$word in
    */copy0.pid)
        if mkdir "$tmpdir/\$(cat "$tmpdir/run")" 2>/dev/null; then
            kill -KILL "\$(cat "\${word%copy0.pid}in0.pid")"
            sleep 0.2
            exit 1
        fi
    esac
done
exec "$(command -v nbdkit)" "\$@"
EOF
chmod +x "$tmpdir/nbdkit"
for output in "device -oo path=$tmpdir/target" \
              "disk -os $tmpdir/out -on guest" \
              "disk -os $tmpdir/out -on guest -of qcow2"; do
    for verify in '' --verify; do
        echo "once-$RANDOM" >"$tmpdir/run"
        # This nbdkit writes where the real one has no business.
        # shellcheck disable=SC2086
        run_expecting 0 v2v-nbdkit-launch --nbdkit "$tmpdir/nbdkit" \
            --confine off \
            -o $output $verify --convert true --copy-while-converting off \
            --result-file "$tmpdir/result" "$nbdkit_uri"
        expect test -d "$tmpdir/$(cat "$tmpdir/run")"
        case $output in
        device*) expect_same "$tmpdir/disk" "$tmpdir/target" ;;
        *qcow2)  expect_same_image raw "$tmpdir/disk" \
                     qcow2 "$tmpdir/out/guest-sda" ;;
        *)       expect_same "$tmpdir/disk" "$tmpdir/out/guest-sda" ;;
        esac
        expect test "$(jq '.disks[0].retries' "$tmpdir/result")" -ge 1
        expect_nothing_left
        dd if=/dev/zero of="$tmpdir/target" bs=1M count=8 status=none
    done
done
