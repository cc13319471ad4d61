# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later

# Sourced by bench.sh: a conversion that reads some of a disk over the link,
# now and then, for about as long as the copy takes, with and without
# --copy-while-converting.  How long its reads take is noted, too.

# reads_of COUNT MIB: commands for qemu-io that read 64 KiB in COUNT places of
# a disk, with pauses.
reads_of ()
{
    awk -v count="$1" -v mib="$2" 'BEGIN {
        for (i = 0; i < count; i++)
            printf "read %dM 64k\nsleep 100\n", i * 0.618034 % 1 * mib
    }'
}

# convert_and_copy auto|off
convert_and_copy ()
{
    local convert="qemu-io -f raw \"\$V2V_OVERLAY_URI_0\" <'$work/reads' \
>'$work/read-$1'"

    ours --copy-while-converting "$1" --convert "$convert"
    # "1 ops; 00.01 sec (4.2 MiB/sec and 67.1 ops/sec)"
    sed -n 's/.* and \([0-9.]*\) ops\/sec.*/\1/p' "$work/read-$1" |
        awk -v what="$what" -v name="$name" '
            { sum += 1000 / $1 }
            END { printf "%s %s: a read took %.1f ms\n", what, name, sum / NR }'
}
ours_while_converting () { convert_and_copy auto; }
ours_after_converting () { convert_and_copy off; }

case_convert ()
{
    local ms what bytes ours
    local sftp_port='' uri=''

    use_disk link "$LINK_SIZE"
    [ -n "${http_port-}" ] || start_nginx
    bytes=$(stat -c %s "$disk")
    [ -e "$tmpdir/www/${disk##*/}" ] ||
        ln "$disk" "$tmpdir/www/" 2>/dev/null ||
        cp --sparse=always "$disk" "$tmpdir/www/"
    reads_of 80 $((bytes >> 20)) >"$work/reads"
    for ms in $LINK_MS; do
        what=convert-http-$ms
        over_link "$ms" "$http_port"
        ours=("http://127.0.0.1:$proxy_port/${disk##*/}")
        rounds "$what" while-converting ours_while_converting \
            after-converting ours_after_converting
    done
}
