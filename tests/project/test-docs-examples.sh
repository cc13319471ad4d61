#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The examples of the manual pages that are marked "=for example KIND" are
# run: "sh" and "parallel" as they are, "dry-run" with that option, "parse"
# only as far as the options are read; "python", "node" and "go" are programs,
# which use the files of clients/.
. ./functions.sh

requires_plugin file
requires_program jq qemu-io nbdinfo xz
pages=$abs_top_srcdir/docs
clients=$abs_top_srcdir/clients

# extract PAGE: each example to its own file, $tmpdir/examples/PAGE-N.KIND.
extract ()
{
    awk -v prefix="$tmpdir/examples/$(basename "$1" .pod)-" '
        /^=for example / {
            file = prefix sprintf ("%02d", ++n) "." $3; wanted = 1; next
        }
        wanted && /^$/ && !begun { next }
        wanted && (/^ / || (begun && /^$/)) {
            begun = 1; sub (/^ /, ""); print >file; next
        }
        { wanted = begun = 0 }' "$1"
}

# What the examples take for granted.
prepare ()
{
    rm -rf "$tmpdir/work"
    mkdir -p "$tmpdir/work/out"
    cd "$tmpdir/work"
    cp "$tmpdir/disk" disk.img
    cp "$tmpdir/disk" data.img
    xz -k -0 disk.img
    echo sesame >password
    sed "s,/var/tmp/,$PWD/," "$tmpdir/guest.xml" >guest.xml
}

try ()
{
    local example=$1 kind=${1##*.}

    prepare
    unset V2V_EXAMPLE_OPTION
    case $kind in
        sh) run_expecting 0 bash -e "$example" ;;
        parallel)
            type -P parallel >/dev/null || return 0
            run_expecting 0 bash -e "$example"
            expect_stdout '^1 of them have failed'
            expect_no_stdout 'of those that may still succeed'
            # What has failed is still known to have failed.
            expect test "$(awk -F '\t' '$7 == 4' jobs.log | wc -l)" = 1
            expect_stdout '^3 guests: 2 ok 1 failed$'
            ;;
        dry-run|parse)
            [ "$kind" = parse ] && V2V_EXAMPLE_OPTION=--help ||
                V2V_EXAMPLE_OPTION=--dry-run
            export V2V_EXAMPLE_OPTION
            run_expecting 0 bash -e "$example"
            [ "$kind" = parse ] || expect_stdout '^LANG=C nbdkit '
            ;;
        python)
            type -P python3 >/dev/null || return 0
            run_expecting 0 env PYTHONPATH="$clients" python3 -B "$example"
            expect_stdout 'out/guest-sda'
            ;;
        node)
            type -P node >/dev/null || return 0
            cp "$clients/v2v_nbdkit_launch.mjs" .
            cp "$example" example.mjs
            run_expecting 0 node example.mjs
            expect_stdout 'out/guest-sda'
            ;;
        go)
            type -P go >/dev/null || return 0
            mkdir v2vnbdkitlaunch
            cp "$clients/v2v_nbdkit_launch.go" v2vnbdkitlaunch
            cp "$example" example.go
            printf 'module example\n\ngo 1.13\n' >go.mod
            run_expecting 0 env GOCACHE="$tmpdir/go-cache" GOPROXY=off \
                GOTOOLCHAIN=local GOFLAGS=-mod=mod go run .
            expect_stdout '^converting$'
            expect_stdout 'out/guest-sda'
            ;;
        *) fail "what kind of example is $kind?" ;;
    esac
    count=$((count + 1))
}

make_disk "$tmpdir/disk" 2M
v2v-nbdkit-launch -q "$tmpdir/disk" -o disk -os "$tmpdir/tmp" -on guest
mv "$tmpdir/tmp/guest.xml" "$tmpdir/guest.xml"
rm -f "$tmpdir"/tmp/guest-*
tool_in_path
mkdir "$tmpdir/examples"
for page in "$pages"/*.pod; do
    extract "$page"
done
count=0
for example in "$tmpdir/examples"/*; do
    try "$example"
done
expect test "$count" -ge 20
