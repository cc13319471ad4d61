#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Faults of all kinds at random moments (transfer/random-fault.py): the tool,
# its guard, its servers, or those of the source and the target are killed or
# stopped, storage is full or fails.  The same command with --resume brings the
# run to its end as soon as nothing fails any more, and the target is right
# whenever a run says so.  A failure prints its seed; V2V_TEST_SEED=N repeats
# that one alone (with V2V_TEST_RUNS=M, it and those after it).
. ./functions.sh
. "$abs_srcdir/storage.sh"

requires_plugin file
requires_plugin nbd
requires_filter rate
requires_filter error
requires_program python3 qemu-io qemu-nbd jq
first=${V2V_TEST_SEED-$((RANDOM * 32768 + RANDOM))}
count=6
[ -z "${V2V_TEST_LONG-}" ] || count=500
[ -z "${V2V_TEST_SEED-}" ] || count=1
count=${V2V_TEST_RUNS-$count}
start_nginx
start_sshd
lasting_servers=${#server_pids[@]}

# A file system that can be full.
disk_space=
if [ "$(id -u)" = 0 ]; then
    mkdir "$tmpdir/space"
    if mount -t tmpfs -o size=420M none "$tmpdir/space" 2>/dev/null; then
        disk_space=$tmpdir/space
        cleanup_fn umount -l "$disk_space"
    fi
fi
fill_space ()
{
    [ -n "$disk_space" ] || return 0
    dd if=/dev/zero of="$disk_space/rest" bs=1M 2>/dev/null || :
}
mend_space () { [ -z "$disk_space" ] || rm -f "$disk_space/rest"; }

# Servers of a case ---------------------------------------------------------

# serve NAME COMMAND...: remembers both.
serve ()
{
    local -n command=command_$1
    # shellcheck disable=SC2034
    command=("${@:2}")
    served+=("$1")
    start_again "$1"
}

start_again ()
{
    local -n command_again=command_$1

    rm -f "$case/$1" "$case/$1.pid"
    start_server "$1" "${command_again[@]}"
    server_of[$1]=$server_pid
    wait_for_file "$case/$1.pid"
}

# Whatever has become of the run.
wait_for_file ()
{
    local i

    for ((i = 0; i < 600; i++)); do
        [ ! -s "$1" ] || return 0
        sleep 0.05
    done
    fail "the server does not start: $1"
}

serve_nbdkit ()
{
    serve "$1" nbdkit --foreground --exit-with-parent \
        --pidfile "$case/$1.pid" --unix "$case/$1" "${@:2}"
}

serve_qemu ()
{
    serve "$1" qemu-nbd --persistent --pid-file="$case/$1.pid" \
        --socket="$case/$1" "${@:2}"
}

socket_uri () { printf 'nbd+unix:///?socket=%s/%s' "$case" "$1"; }

# kill_servers NAME, and signal_servers SIGNAL NAME: all whose name starts so.
signal_servers ()
{
    local name

    for name in "${served[@]}"; do
        if [[ $name == "$2"* ]]; then
            kill "-$1" "${server_of[$name]}" 2>/dev/null || :
        fi
    done
}

restart_servers ()
{
    local name

    for name in "${served[@]}"; do
        if ! is_running "${server_of[$name]}"; then
            wait "${server_of[$name]}" 2>/dev/null || :
            start_again "$name"
        fi
    done
}

stop_servers ()
{
    local name

    for name in "${served[@]}"; do
        kill -CONT "${server_of[$name]}" 2>/dev/null || :
        stop_pid "${server_of[$name]}"
    done
    server_pids=("${server_pids[@]:0:lasting_servers}")
}

# Sources and targets -------------------------------------------------------

# The source is a file that nothing may change.
open_source ()
{
    local n disk

    for ((n = 0; n < disks; n++)); do
        disk=$case/disk$n
        case $source in
            file) sources+=("$disk") ;;
            nbd)
                serve_nbdkit "source$n" --readonly --filter=error \
                    file "$disk" error-pread-rate=100% error=EIO \
                    error-file="$case/source-fails"
                sources+=("$(socket_uri "source$n")") ;;
            few)
                serve_qemu "source$n" --shared=3 --read-only --format=raw \
                    "$disk"
                sources+=("$(socket_uri "source$n")") ;;
            http)
                mv "$disk" "$tmpdir/www/disk$n"
                disk=$tmpdir/www/disk$n
                sources+=("$http_url/disk$n") ;;
            ssh)
                sources+=("ssh://$ssh_user@127.0.0.1:$sshd_port$disk") ;;
            *)
                qemu-img convert -q -f raw -O "$source" "$disk" "$disk.image"
                disk=$disk.image
                sources+=("$disk") ;;
        esac
        source_files+=("$disk")
    done
    [ $source != ssh ] || arguments+=("${ssh_options[@]}")
    case $source in
        qcow2|vmdk) ;;
        *) arguments+=(-if raw) ;;
    esac
    source_before=$(facts_of_source)
}

facts_of_source () { stat -c '%i %s %y %z' -- "${source_files[@]}"; }

# make_target N FORMAT [CONTENT]: a file or device with CONTENT.
make_target ()
{
    local file=$case/target$1 loop=''

    case $output in
        device|place-device)
            if [ -n "$disk_space" ]; then
                file=$disk_space/target$1
                qemu-img convert -q -f raw -O raw "$3" "$file"
                loop=$(losetup --find --show -- "$file" 2>/dev/null) || :
                [ -z "$loop" ] || loops+=("$loop")
                if [ -b "$loop" ]; then
                    targets+=("$loop")
                    return 0
                fi
                rm "$file"
                file=$case/target$1
            fi ;;
    esac
    qemu-img convert -q -f raw -O "$2" "$3" "$file"
    targets+=("$file")
}

open_target ()
{
    local n

    format=raw
    for ((n = 0; n < disks; n++)); do
        case $output in
            raw|preallocated|qcow2|compressed)
                targets+=("$out_dir/guest-sd$(tr 01 ab <<<$n)") ;;
            device) make_target "$n" raw "$case/before$n" ;;
            nbd*) make_target "$n" raw "$case/before$n" ;;
            place-qcow2) make_target "$n" qcow2 "$case/disk$n" ;;
            place*) make_target "$n" raw "$case/disk$n" ;;
        esac
        case $output in
            nbd|place-nbd)
                serve_nbdkit "target_server$n" --filter=error \
                    file "${targets[n]}" error-pwrite-rate=100% error=EIO \
                    error-file="$case/target-fails" ;;
            nbd-qemu|place-nbd-qemu)
                serve_qemu "target_server$n" --shared=16 --format=raw \
                    "${targets[n]}" ;;
        esac
        case $output in
            device) arguments+=(-oo path="${targets[n]}") ;;
            nbd*) arguments+=(-oo uri="$(socket_uri "target_server$n")") ;;
            place-nbd*) sources+=("$(socket_uri "target_server$n")") ;;
            place*) sources+=("${targets[n]}") ;;
        esac
    done
    case $output in
        preallocated) arguments+=(-oa preallocated) ;;
        qcow2) arguments+=(-of qcow2) ;;
        compressed) arguments+=(-of qcow2 -oo compressed) ;;
        place-qcow2) arguments+=(-if qcow2) ;;
        place*) arguments+=(-if raw) ;;
    esac
    case $output in
        device) arguments+=(-o device) ;;
        nbd*) arguments+=(-o nbd) ;;
        place*) arguments+=(--in-place) ;;
        *) arguments+=(-o disk -os "$out_dir" -on guest) ;;
    esac
    case $output in
        *qcow2|compressed) format=qcow2 ;;
    esac
}

# What --convert does, to each overlay in turn.
add_conversion ()
{
    local n line command=''

    [ $converted = yes ] || return 0
    for ((n = 0; n < disks; n++)); do
        command+="qemu-io -f raw"
        while read -r line; do
            command+=" -c '$line'"
        done <"$case/writes$n"
        command+=" \"\$V2V_OVERLAY_URI_$n\" >&2 || exit 1;"
    done
    arguments+=(--convert "$command")
}

# Faults --------------------------------------------------------------------

signal_children ()
{
    local pid

    for pid in $(children_called "$2"); do
        kill "-$1" "$pid" 2>/dev/null || :
    done
}

# The tool and its guard in one moment.
kill_with_guard ()
{
    local pids

    pids=$(children_called v2v-nbdkit-laun)
    # shellcheck disable=SC2086
    kill -KILL "$tool_pid" $pids 2>/dev/null || :
}

start_fault ()
{
    case $kind in
        kill) kill -KILL "$tool_pid" 2>/dev/null || : ;;
        kill-all) kill_with_guard ;;
        term) kill -TERM "$tool_pid" 2>/dev/null || : ;;
        int) kill -INT "$tool_pid" 2>/dev/null || : ;;
        child) signal_children KILL "$argument" ;;
        stop) signal_children STOP "$argument" ;;
        source-killed) stop_source KILL ;;
        source-stopped) stop_source STOP ;;
        source-error) touch "$case/source-fails" ;;
        target-killed) signal_servers KILL target ;;
        target-stopped) signal_servers STOP target ;;
        target-error) touch "$case/target-fails" ;;
        full) fill_space ;;
    esac
}

# nginx and sshd live longer than a case.
stop_source ()
{
    local nginx=${server_pids[0]} sshd=${server_pids[1]}

    case $source:$1 in
        http:*) kill "-$1" "$nginx" ;;
        ssh:STOP) kill -STOP "$sshd" ;;
        # sshd has a child for each connection.
        ssh:KILL) pkill -KILL -P "$sshd" || : ;;
        *) signal_servers "$1" source ;;
    esac
}

end_fault ()
{
    rm -f "$case/source-fails" "$case/target-fails"
    mend_space
    kill -CONT "${server_pids[@]:0:lasting_servers}"
    case $kind in
        stop) signal_children CONT "$argument" ;;
        *-stopped) signal_servers CONT "${kind%-stopped}" ;;
        *-killed) restart_servers ;;
    esac
}

# wait_while SECONDS CONDITION...: while the tool runs, too.
wait_while ()
{
    local end=$((${EPOCHREALTIME/./} + $(to_microseconds "$1")))

    while ((${EPOCHREALTIME/./} < end)) && is_running "$tool_pid" && "${@:2}"
    do
        sleep 0.01
    done
}

to_microseconds () { awk -v s="$1" 'BEGIN { printf "%d", s * 1000000 }'; }

is_not_writing ()
{
    ! grep -Eq '\] (Copying|Writing the changes)' "$case/log" 2>/dev/null
}

# make_fault KIND MOMENT DELAY LENGTH ARGUMENT: to the run, which has been started.
make_fault ()
{
    local kind=$1 moment=$2 delay=$3 length=$4 argument=${5-}

    [ $moment = start ] || wait_while 60 is_not_writing
    wait_while "$delay" true
    ! is_running "$tool_pid" || hits=$((hits + 1))
    start_fault
    case $kind in
        stop|*-killed|*-stopped|*-error|full) wait_while "$length" true ;;
        *) wait_while "$run_timeout" true ;;
    esac
    end_fault
}

# One run -------------------------------------------------------------------

# attempt [FAULT]: sets got.
attempt ()
{
    local kind moment delay length rest preload=()

    read -r kind moment delay length rest <<<"${1-none}"
    [ "$kind" != call ] ||
        preload=("${recorder[@]}" "V2V_TEST_CALL_FAILS=$rest $case_pattern")
    rm -f "$case/log" "$calls"
    run_in_background "${preload[@]}" "${tool[@]}" "${arguments[@]}" \
        "${sources[@]}"
    [ "$kind" = none ] ||
        make_fault "$kind" "$moment" "$delay" "$length" "$rest"
    await_end
    echo "${1-no fault}: $got $(outcome)" | tee -a "$tmpdir/logs/seed" >&2
    check_end "$kind"
}

await_end ()
{
    local i

    for ((i = 0; i < run_timeout * 20; i++)); do
        is_running "$tool_pid" || break
        sleep 0.05
    done
    ! is_running "$tool_pid" || fail "still running after $run_timeout s"
    got=0
    wait "$tool_pid" 2>/dev/null || got=$?
    tool_pid=
}

# What the run told: REASON:RETRYABLE:RESUMABLE, the exit status, the message.
outcome ()
{
    [ -s "$tool_result_file" ] || return 0
    jq -r '"\(.reason):\(.retryable):\(.resumable) \(.exit) \(.message)"' \
        "$tool_result_file"
}

# check_end KIND
check_end ()
{
    local told status

    cp "$err" "$tmpdir/logs/stderr-$((++attempts))"
    ! grep -Eq 'Assertion|core dumped|ERROR: [A-Z][a-z]*San|runtime error' \
        "$err" || fail 'something crashed'
    told=$(outcome)
    case $1:$got in
        *:0) check_targets ;;
        kill*:137) ;;
        term:143|int:130)
            # Before the tool had anything to tell, or later.
            [[ -z $told || $told == interrupted:* ]] ||
                fail 'interrupted, and not said' ;;
        none:*) fail "status $got, and nothing failed" ;;
        *:[1345678])
            status=${told#* }
            expect test "${status%% *}" = "$got"
            [[ ! $told =~ ^(usage|untrusted|not-found|auth|host-key|tls|\
nbdkit-[mvps].*|unsupported|session-limit|target-changed|source-changed): ]] ||
                fail 'this is not what has failed' ;;
        *) fail 'not a status of this fault' ;;
    esac
    expect_no_processes
    [ "$source_before" = "$(facts_of_source)" ] || fail 'the source was written'
}

expect_no_processes ()
{
    local i

    for ((i = 0; i < 400; i++)); do
        [ -n "$(marked_processes "$tool_mark")" ] || return 0
        sleep 0.05
    done
    fail 'processes are left'
}

check_targets ()
{
    local n file

    for ((n = 0; n < disks; n++)); do
        file=${targets[n]}
        [ ! -b "$file" ] || blockdev --flushbufs "$file"
        if [ $format = qcow2 ]; then
            check_image "$file"
            qemu-img convert -q -f qcow2 -O raw "$file" "$case/result"
            file=$case/result
        fi
        cmp "$case/expected$n" "$file" >&2 || fail "disk $n differs"
    done
}

# Of an image that was there before, a killed qemu-nbd may leave clusters that
# nothing uses; that is all that status 3 means.
check_image ()
{
    local got=0

    qemu-img check -q "$1" >&2 || got=$?
    case $output:$got in
        *:0|place-qcow2:3) ;;
        *) fail "qemu-img check says $got" ;;
    esac
}

# Nothing but the targets, and the records of finished runs.
check_leftovers ()
{
    local left

    expect_nothing_left
    left=$(find "$case" "$out_dir" "$state_dir" \
               \( -name '*.part*' -o -name '*.journal*' -o -name '*in-place*' \
               -o -name '*.qcow2' -o -name '*.tmp*' -o -name '*.xml.*' \) )
    [ -z "$left" ] || fail "left: $left"
}

run_case ()
{
    local source output disks converted options again faults
    local sources=() source_files=() targets=() arguments=() format fault
    local source_before got=1

    # shellcheck disable=SC1091
    . "$case/case"
    out_dir=$case/out
    case " ${faults[*]}" in *' full '*) [ -z "$disk_space" ] ||
        out_dir=$disk_space/out ;;
    esac
    mkdir "$out_dir"
    case_pattern="$case/*"
    [ -z "$disk_space" ] || case_pattern="*"
    if [[ $output == place* ]]; then
        source_files=("$case/case")
    else
        open_source
    fi
    source_before=$(facts_of_source)
    open_target
    add_conversion
    arguments+=(--log "$case/log" --startup-timeout 5 --stall-timeout 5
                "${options[@]}")
    [[ $output == place* ]] || arguments+=(--resume)
    for fault in "${faults[@]}"; do
        attempt "$fault"
        [ $got != 0 ] || break
    done
    # Nothing fails any more.
    if [ $got != 0 ] || [ $again = yes ]; then
        attempt
    fi
    check_leftovers
}

hits=0
declare -A server_of
for ((seed = first; seed < first + count; seed++)); do
    case=$tmpdir/case
    mkdir "$case"
    "$abs_srcdir/transfer/random-fault.py" "$seed" "$case"
    printf 'V2V_TEST_SEED=%s repeats this run:\n' "$seed" >"$tmpdir/logs/seed"
    cat "$case/case" >>"$tmpdir/logs/seed"
    echo "seed $seed: $(tr '\n' ' ' <"$case/case")" >&2
    served=()
    loops=()
    attempts=0
    run_case
    stop_servers
    for loop in "${loops[@]}"; do
        losetup --detach "$loop"
    done
    rm -rf "$case" "$tmpdir"/logs/stderr-* "$state_dir"
    [ -z "$disk_space" ] || rm -rf "${disk_space:?}"/*
done
echo "$hits faults met a run" >&2
