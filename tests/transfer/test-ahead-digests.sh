#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A run that resumes a copy of the source may want other digests than the run
# that was interrupted: the result and what is said of it are right, and so is
# the journal that it leaves itself.
. ./functions.sh

requires_plugin file
requires_filter rate
make_disk ()
{
    truncate -s 150M "$tmpdir/$1"
    write_random "$tmpdir/$1" 3000000 30000000
    write_random "$tmpdir/$1" 80000000 1000000
    write_random "$tmpdir/$1" 140000000 10000000
}
make_disk one
make_disk two
start_nbdkit one --readonly file "$tmpdir/one"
one=$nbdkit_uri
start_nbdkit two --readonly file "$tmpdir/two"
mkdir "$tmpdir/out" "$tmpdir/overlays"
journal=$tmpdir/out/guest.part/journal
cat >"$tmpdir/convert" <<END
if [ -e "$tmpdir/grow" ]; then
    qemu-img resize -q -f qcow2 "\$V2V_OVERLAY_0" 200M
fi
for i in 0 1; do
    eval "overlay=\\\$V2V_OVERLAY_\$i"
    qemu-io -f qcow2 -c 'write -P 5 1M 1M' -c 'write -P 6 145M 64k' \
        "\$overlay" >/dev/null
done
echo >"$tmpdir/changed"
while [ -e "$tmpdir/wait" ]; do sleep 0.05; done
END
for disk in one two; do
    cp --sparse=always "$tmpdir/$disk" "$tmpdir/want-$disk"
    qemu-io -f raw -c 'write -P 5 1M 1M' -c 'write -P 6 145M 64k' \
        "$tmpdir/want-$disk" >/dev/null
done
copy=(v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest --resume
      --overlay-dir "$tmpdir/overlays" --bandwidth-file "$tmpdir/rate"
      --convert "sh '$tmpdir/convert'" "$one" "$nbdkit_uri")

# interrupted [OPTION...]: when some of the sources is stored.
interrupted ()
{
    rm -rf "$tmpdir"/out/* "$tmpdir"/overlays/* "$tmpdir/changed"
    touch "$tmpdir/wait"
    echo 400M >"$tmpdir/rate"
    run_in_background "${copy[@]}" "$@"
    wait_for test -e "$journal"
    wait_for test -e "$tmpdir/changed"
    kill -KILL "$tool_pid"
    wait_expecting 137
    rm "$tmpdir/wait"
}

# resumed [OPTION...]
resumed ()
{
    echo 10G >"$tmpdir/rate"
    run_expecting 0 "${copy[@]}" "$@"
    expect_same "$tmpdir/want-one" "$tmpdir/out/guest-sda"
    expect_same "$tmpdir/want-two" "$tmpdir/out/guest-sdb"
    expect_nothing_left
}

checksums () { jq -c '[.disks[].checksum]' "$result_file"; }

rm -f "$tmpdir/wait"
resumed --checksum
want=$(checksums)
for options in '|--verify' '|--checksum' '--verify|' '--checksum|--verify' \
    '--verify|--checksum'; do
    # shellcheck disable=SC2086
    interrupted ${options%|*}
    # shellcheck disable=SC2086
    resumed ${options#*|}
    case $options in
        *'|--checksum') expect test "$(checksums)" = "$want" ;;
        *'|--verify')
            expect test "$(jq .disks[0].verified "$result_file")" = true
            expect test "$(jq .disks[1].verified "$result_file")" = true ;;
    esac
done

# One disk begins again, because it has grown, and the other one continues.
touch "$tmpdir/grow"
truncate -s 200M "$tmpdir/want-one"
is_copied_ahead ()
{
    [ "$(grep -c '"phase":"copy-ahead","done":157286400' "$tmpdir/lines")" -ge 2 ]
}
for options in '|--verify' '--verify|'; do
    # shellcheck disable=SC2086
    interrupted ${options%|*}
    rm -f "$tmpdir/changed" "$tmpdir/lines"
    touch "$tmpdir/wait"
    # shellcheck disable=SC2086
    run_in_background "${copy[@]}" ${options#*|} \
        --machine-readable=file:"$tmpdir/lines"
    wait_for test -e "$tmpdir/changed"
    echo 10G >"$tmpdir/rate"
    wait_for is_copied_ahead
    echo 100k >"$tmpdir/rate"
    sleep 1
    rm "$tmpdir/wait"
    wait_for grep -q 209715200 "$journal"
    kill -KILL "$tool_pid"
    wait_expecting 137
    resumed --verify
done
