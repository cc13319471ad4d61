#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# nbdkit's gzip filter (1.32.5) serves the first member of a gzip file and
# nothing of those after it, without a word: a disk that "cat a.gz b.gz", bgzip
# or a parallel gzip has written is cut where the first member ends.  gzip -dc
# and zcat give all of it (RFC 1952: a file is a series of members).  Whoever
# copies through the filter has to look whether the file ends with its first
# member.
#
# Expected output:
#     gzip -dc: 2097152 bytes
#     nbdkit's gzip filter: 1048576 bytes
#
# Needs gzip, nbdinfo, and apt-get of Debian 12, whose libraries nbdkit uses.
# Status 0: it is so; 1: it has changed; 77: it cannot be tried.
set -eu
version=1.32.5-1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
(cd "$dir" && apt-get download -q nbdkit=$version >/dev/null 2>&1) || exit 77
dpkg-deb -x "$dir"/nbdkit_*.deb "$dir/root"
nbdkit=$(echo "$dir"/root/usr/*bin/nbdkit)
plugin=$(echo "$dir"/root/usr/lib/*/nbdkit/plugins/nbdkit-file-plugin.so)
filter=$(echo "$dir"/root/usr/lib/*/nbdkit/filters/nbdkit-gzip-filter.so)
[ "$(LC_ALL=C "$nbdkit" --version)" = "nbdkit 1.32.5" ] || exit 77

for byte in a b; do
    head -c 1M /dev/zero | tr '\0' $byte | gzip -n
done >"$dir/disk.gz"
{
    echo "gzip -dc: $(gzip -dc "$dir/disk.gz" | wc -c) bytes"
    size=$(TMPDIR=$dir "$nbdkit" -U - --filter="$filter" "$plugin" \
        "$dir/disk.gz" --run 'nbdinfo --size "$uri"') || exit 77
    echo "nbdkit's gzip filter: $size bytes"
} >"$dir/said"
cat "$dir/said"
diff - "$dir/said" <<'END'
gzip -dc: 2097152 bytes
nbdkit's gzip filter: 1048576 bytes
END
