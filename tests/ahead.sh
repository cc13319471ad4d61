# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later

# For tests of --copy-while-converting.

# make_changes NAME SIZE: commands for qemu-io that write, zero and discard
# parts of a disk of SIZE bytes, in the file NAME.
make_changes ()
{
    random_bytes "changes $1" | od -An -v -tu4 -w12 -N 480 |
        awk -v size="$2" '
            {
                offset = $1 % (size / 512) * 512
                # Some are a few sectors, some lie in two chunks.
                length_ = ($2 % 4 == 0 ? $3 % 64 + 1 : $3 % 4096 + 1) * 512
                if (offset + length_ > size)
                    length_ = size - offset
                kind = $2 / 4 % 4
                if (kind < 2) print "write -P " $3 % 255 + 1, offset, length_
                else if (kind < 3) print "write -z", offset, length_
                else print "write -z -u", offset, length_
            }
            END {
                # A whole cluster, discarded, and the first and last bytes.
                print "discard", int(size / 3 / 65536) * 65536, 65536
                print "write -P 77 0 512"
                print "write -P 78", size - 512, 512
            }' >"$1"
}

# apply_changes NAME FILE: the raw FILE has them then.
apply_changes ()
{
    sed 's/^discard/write -z/; s/-z -u/-z/' "$1" | qemu-io -f raw "$2" \
        >/dev/null
}

# make_want DISK NAME: want-NAME is what changes-NAME make of DISK.
make_want ()
{
    cp --sparse=always "$tmpdir/$1" "$tmpdir/want-$2"
    apply_changes "$tmpdir/changes-$2" "$tmpdir/want-$2"
}

# make_ahead [DISK]...: for each, want-DISK is what conversion_of makes of the
# remote disk DISK (150 MiB, in $tmpdir).
make_ahead ()
{
    local disk

    for disk; do
        truncate -s 150M "$tmpdir/$disk"
        write_random "$tmpdir/$disk" 0 90000000
        write_random "$tmpdir/$disk" 100000000 20000000
        write_random "$tmpdir/$disk" 157280000 10000
        make_changes "$tmpdir/changes-$disk" 157286400
        make_want "$disk" "$disk"
    done
}

# conversion_of DISK...: print a command that makes half of the changes at
# once, and the rest when a part has been copied.
conversion_of ()
{
    local i=0 disk

    for disk; do
        echo "head -n 20 '$tmpdir/changes-$disk' |"
        echo "    qemu-io -f raw \"\$V2V_OVERLAY_URI_$i\" >/dev/null"
        i=$((i + 1))
    done
    echo 'sleep 0.5'
    i=0
    for disk; do
        echo "tail -n +21 '$tmpdir/changes-$disk' |"
        echo "    qemu-io -f raw \"\$V2V_OVERLAY_URI_$i\" >/dev/null"
        i=$((i + 1))
    done
}

# count_result KEY: of the first disk.
count_result () { jq ".disks[0].$1" "$result_file"; }
