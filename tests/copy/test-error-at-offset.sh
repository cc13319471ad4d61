#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# One bad block, near the start, the last or another: the copy fails with its
# place, and goes on with --resume once it can be read; a block that can be
# read at the second try costs a retry.
. ./functions.sh

requires_plugin sh
requires_plugin file
size=8388608
make_disk "$tmpdir/disk" $size
write_random "$tmpdir/disk" 0 $size
mkdir "$tmpdir/out"
# $tmpdir/bad holds an offset that cannot be read, and how often not.
cat >"$tmpdir/plugin" <<END
case \$1 in
    get_size) echo $size ;;
    thread_model) echo parallel ;;
    can_extents|can_flush|can_fua) exit 3 ;;
    pread)
        if read at times 2>/dev/null <"$tmpdir/bad" &&
           [ "\$4" -le "\$at" ] && [ "\$at" -lt \$((\$4 + \$3)) ] &&
           [ "\$times" -gt 0 ]; then
            echo "\$at \$((times - 1))" >"$tmpdir/bad.\$\$"
            mv "$tmpdir/bad.\$\$" "$tmpdir/bad"
            echo "EIO the medium is bad at \$at" >&2
            exit 1
        fi
        dd if="$tmpdir/disk" iflag=skip_bytes,count_bytes,fullblock \\
            bs=65536 skip=\$4 count=\$3 status=none ;;
    *) exit 2 ;;
esac
END
chmod +x "$tmpdir/plugin"
copy=(v2v-nbdkit-launch --retries 2 --request-size 256k -o disk
      -os "$tmpdir/out" -on guest)

# copied AT: and then nothing of the copy is left.
copied ()
{
    expect_same "$tmpdir/disk" "$tmpdir/out/guest-sda"
    expect_nothing_left
    rm -r "$tmpdir/out"
    mkdir "$tmpdir/out"
}

# The first and the last are what tells whether this is an image.
for at in 0 $((size - 1)); do
    echo "$at 1000000" >"$tmpdir/bad"
    run_expecting 4:read:true "${copy[@]}" -i nbdkit sh "$tmpdir/plugin"
    expect_error 'the medium is bad'
    expect test -z "$(ls -A "$tmpdir/out")"
    expect_nothing_left
done

for at in 70000 5000000 $((size - 1000)); do
    echo "$at 1000000" >"$tmpdir/bad"
    run_expecting 6:read:true "${copy[@]}" --result-file "$tmpdir/result" \
        -i nbdkit sh "$tmpdir/plugin"
    expect_error "the medium is bad at $at"
    expect_detail 'cannot read .* at offset'
    expect jq -e '.reason == "read"' "$tmpdir/result"
    expect_nothing_left
    rm "$tmpdir/bad"
    run_expecting 0 "${copy[@]}" --resume -i nbdkit sh "$tmpdir/plugin"
    copied

    echo "$at 1" >"$tmpdir/bad"
    run_expecting 0 "${copy[@]}" --result-file "$tmpdir/result" \
        -i nbdkit sh "$tmpdir/plugin"
    expect jq -e '.disks[0].retries > 0' "$tmpdir/result"
    copied
done
