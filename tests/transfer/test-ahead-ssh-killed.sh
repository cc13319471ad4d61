#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Two disks over ssh that are copied while they are converted: a run that is
# killed in any phase is resumed, and its targets are right.
. ./functions.sh
. "$abs_srcdir/ahead.sh"

start_sshd
requires_plugin memory
requires_filter rate
disks=(one two)
make_ahead "${disks[@]}"
for disk in "${disks[@]}"; do
    for times in 1 2; do
        make_changes "$tmpdir/changes-$disk-$times" 157286400
        # Copying that takes a while.
        echo "write -P $times 70M 40M" >>"$tmpdir/changes-$disk-$times"
        cp --sparse=always "$tmpdir/$disk" "$tmpdir/want-$disk-$times"
        apply_changes "$tmpdir/changes-$disk-$times" \
            "$tmpdir/want-$disk-$times"
    done
done
cat >"$tmpdir/convert" <<END
echo once >>"$tmpdir/converted"
times=\$(wc -l <"$tmpdir/converted")
qemu-io -f raw "\$V2V_OVERLAY_URI_0" <"$tmpdir/changes-one-\$times" >/dev/null
qemu-io -f raw "\$V2V_OVERLAY_URI_1" <"$tmpdir/changes-two-\$times" >/dev/null
echo >"$tmpdir/changed"
while [ -e "$tmpdir/wait" ]; do sleep 0.05; done
END
targets=()
for disk in "${disks[@]}"; do
    # nbdkit 1.32 may abort when a client is killed that many threads answer.
    start_nbdkit "target-$disk" --threads 1 --filter rate memory 150M \
        rate-file="$tmpdir/target-rate"
    targets+=("$nbdkit_uri")
done
mkdir "$tmpdir/overlays" "$tmpdir/state"
copy=(v2v-nbdkit-launch -o nbd -oo uri="${targets[0]}"
      -oo uri="${targets[1]}" --verify --copy-while-converting on
      --overlay-dir "$tmpdir/overlays" --state-dir "$tmpdir/state"
      --bandwidth-file "$tmpdir/rate" --convert "sh '$tmpdir/convert'"
      "${ssh_options[@]}")
for disk in "${disks[@]}"; do
    copy+=("ssh://$ssh_user@127.0.0.1:$sshd_port$tmpdir/$disk")
done

# set_rates SOURCE TARGET: the filters look at the files now and then.
set_rates ()
{
    echo "$1" >"$tmpdir/rate"
    echo "$2" >"$tmpdir/target-rate"
    sleep 1
}

has_journal () { grep -q digests "$tmpdir"/state/*.journal; }
has_phase () { grep -q "\"phase\":\"$1\",\"done\":[1-9]" "$tmpdir/lines"; }
is_copied_ahead ()
{
    [ "$(grep -c '"phase":"copy-ahead","done":157286400' \
        "$tmpdir/lines")" -ge 2 ]
}

# begin RATE: of the source.
begin ()
{
    rm -f "$tmpdir/converted" "$tmpdir/changed" "$tmpdir/lines"
    touch "$tmpdir/wait"
    set_rates "$1" 10G
    run_in_background "${copy[@]}" --machine-readable=file:"$tmpdir/lines"
    wait_for test -e "$tmpdir/changed"
}

# resumed TIMES: after it was killed, with TIMES conversions together.
resumed ()
{
    kill -KILL "$tool_pid"
    wait_expecting 137
    rm -f "$tmpdir/wait"
    set_rates 10G 10G
    run_expecting 0 "${copy[@]}" --resume
    expect test "$(wc -l <"$tmpdir/converted")" = "$1"
    for i in 0 1; do
        qemu-img convert -f raw -O raw "${targets[$i]}" "$tmpdir/got"
        expect_same "$tmpdir/want-${disks[$i]}-$1" "$tmpdir/got"
    done
    expect test -z "$(ls -A "$tmpdir/overlays")"
    expect_nothing_left
}

# While it converts.
begin 400M
wait_for has_journal
resumed 2

# When it has converted, and the sources are not copied yet.
begin 400M
wait_for has_journal
set_rates 1M 10G
rm "$tmpdir/wait"
wait_for grep -q '^.*Copying$' "$err"
sleep 1
resumed 1

# While it copies what the conversion wrote, and while it verifies.
for phase in copy verify; do
    begin 10G
    wait_for is_copied_ahead
    [ $phase = verify ] || set_rates 10G 40M
    rm "$tmpdir/wait"
    if [ $phase = verify ]; then
        wait_for has_phase copy
        echo 100M >"$tmpdir/target-rate"
    fi
    wait_for has_phase $phase
    resumed 1
done
