# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later

# For tests of what is asked of storage (shims/storage-calls.c).  Sourced after
# functions.sh.

requires_program python3
storage_shim=$abs_builddir/shims/storage-calls.so
[ -e "$storage_shim" ] || skip "the shim is not built"
! under_valgrind || skip "valgrind cannot preload this"
calls=$tmpdir/logs/calls
stable=$tmpdir/stable
recorder=(env LD_PRELOAD="$storage_shim" V2V_TEST_CALLS="$calls")
# The shim is loaded before the sanitizer's library.
! sanitized || recorder+=(
    ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0")

# recorded STATUS ARGUMENT...: run the tool; its calls are in $calls.  Programs
# that are confined could not write to it.
recorded ()
{
    rm -f "$calls"
    run_expecting "$1" "${recorder[@]}" "${tool[@]}" --confine off "${@:2}"
}

# recorded_failing STATUS 'ERRNO CALL N PROGRAM PATTERN' ARGUMENT...: and one
# of them fails.  Sets last_status.
recorded_failing ()
{
    rm -f "$calls"
    # shellcheck disable=SC2016
    run_expecting "$1" "${recorder[@]}" V2V_TEST_CALL_FAILS="$2" \
        sh -c '"$@"; got=$?; echo $got >"$0"; exit $got' "$tmpdir/status" \
        "${tool[@]}" --confine off "${@:3}"
    last_status=$(cat "$tmpdir/status")
}

# power_on PLACE...: from now on recorded runs remember what is stable.  All
# that is in these directories and on these devices is.
power_on ()
{
    rm -rf "$stable"
    mkdir "$stable"
    [ "${recorder[-1]}" = V2V_TEST_STABLE="$stable" ] ||
        recorder+=(V2V_TEST_STABLE="$stable")
    places=("$@")
    find "${places[@]}" \( -type f -o -type d -o -type b \) -print0 |
        "${recorder[@]}" xargs -0 sync
}

# power_back: what was not stable is lost.
power_back ()
{
    local pids

    # The guard, too, is dead.
    while pids=$(marked_processes "$tool_mark") && [ -n "$pids" ]; do
        # shellcheck disable=SC2086
        kill -KILL $pids 2>/dev/null || :
        sleep 0.02
    done
    rm -f "$stable/off"
    "$abs_srcdir/power-loss" "$stable" "${places[@]}" >"$tmpdir/logs/lost" ||
        fail "power-loss failed"
    # Nobody's guard is left that could be waited for.
    find "${places[@]}" -name '*.lock' -delete
}

# called PATTERN: print the lines of calls that match, with their numbers.
called () { grep -nE -- "$1" "$calls" || :; }

# first PATTERN [AFTER], last PATTERN [BEFORE]: the number of the first such
# line after line AFTER, or of the last one before line BEFORE; the test fails
# if there is none.
first () { line_of "$1" 1 "NR > ${2-0}"; }
last () { line_of "$1" '$' "NR < ${2-1000000000}"; }
line_of ()
{
    local line

    line=$(awk "$3"' { print NR " " $0 }' "$calls" |
               grep -E -- "${1/#^/^[0-9]* }" | sed -n "$2s/ .*//p")
    [ -n "$line" ] || fail "no such call: $1"
    echo "$line"
}

# expect_order LINE...: none of these numbers is lower than the one before.
expect_order ()
{
    local before=0 line

    for line; do
        [ "$line" -ge "$before" ] || {
            grep -n . "$calls" | grep -v ' p*write[v ]' | cut -c1-200 >&2
            fail "line $line comes before line $before"
        }
        before=$line
    done
}

# each_call: print what 'ERRNO CALL N PROGRAM PATTERN' must be, without ERRNO,
# for the calls of the recorded run to fail in turn: each that makes something
# durable, and the first and the last of any other kind.  Private files do not
# count.
each_call ()
{
    awk '
        $4 != 0 || $3 ~ /^begin-/ { next }
        $5 ~ /\/v2v\.[A-Za-z0-9]*\/(in|out|view|back|overlay|guest|disk)/ ||
        $5 ~ /\/v2v\.[A-Za-z0-9]*$/ || $5 ~ /\.(lock|reserve)$/ { next }
        {
            sub (/v2v\.[A-Za-z0-9]*/, "v2v.*", $5)
            sub (/\.xml\.[A-Za-z0-9]*$/, ".xml.*", $5)
            kind = $3 " %d " $1 " " $5
            if (!count[kind]++)
                kinds[++n] = kind
        }
        END {
            for (i = 1; i <= n; i++) {
                last = count[kinds[i]]
                step = last > 1 && kinds[i] !~ /^f(data)?sync/ ? last - 1 : 1
                for (k = 1; k <= last; k += step)
                    printf (kinds[i] "\n", k)
            }
        }' "$calls"
}

# durable_calls: how many calls of the command in the recorded run were to make
# something durable.
durable_calls ()
{
    grep -Ec '^v2v-nbdkit-launch [0-9]+ (f(data)?sync|sync_|rename|unlink|fallocate|ftruncate|ioctl)' \
        "$calls"
}
