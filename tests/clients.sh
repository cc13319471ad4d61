# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later

# For tests of the files in clients/: try_client COMMAND... tries a program
# that runs v2v-nbdkit-launch with its arguments through such a file, with the
# password in the file $V2V_PASSWORD if that is set.  The program prints the type
# of each event, and then either "made TARGET" for each disk, or "failed REASON
# RETRYABLE", and exits with status 3.  With V2V_STOP=1 it ends the run when
# the phase is "convert".
try_client ()
{
    client=("$@")
    tool_in_path
    make_disk "$tmpdir/a disk" 2M
    mkdir "$tmpdir/out"
    client_makes_disks
    client_gets_error
    client_needs_no_result
    client_finds_no_program
    client_passes_password
    client_stops
}

client_makes_disks ()
{
    run_expecting 0 "${client[@]}" "$tmpdir/a disk" "$tmpdir/a disk" \
        -o disk -os "$tmpdir/out" -on guest --convert 'echo converting'
    expect_stdout '^start$'
    expect_stdout '^progress$'
    expect_stdout '^converting$'
    expect_stdout "^made $tmpdir/out/guest-sda\$"
    expect_stdout "^made $tmpdir/out/guest-sdb\$"
    expect_same "$tmpdir/a disk" "$tmpdir/out/guest-sdb"
}

client_gets_error ()
{
    run_expecting 3 "${client[@]}" "$tmpdir/none" -o null
    expect_stdout '^failed not-found false$'
    run_expecting 3 "${client[@]}" --no-such-option
    expect_stdout '^failed usage false$'
}

# No run has a result then.
client_needs_no_result ()
{
    run_expecting 0 "${client[@]}" "$tmpdir/a disk" --run true
    run_expecting 0 "${client[@]}" "$tmpdir/a disk" --print-source
    expect_stdout '^source$'
}

client_finds_no_program ()
{
    # env has the program's own interpreter in the PATH that it is given.
    run_expecting 1 env V2V_PROGRAM="$tmpdir/no such program" \
        "${client[@]}" "$tmpdir/a disk" -o null
    expect_stderr 'no such program'
}

client_passes_password ()
{
    mkdir "$tmpdir/www"
    cp "$tmpdir/a disk" "$tmpdir/www/disk"
    start_nginx
    echo "$http_password" >"$tmpdir/password"
    echo wrong >"$tmpdir/wrong"
    run_traced 0 env V2V_PASSWORD="$tmpdir/password" "${client[@]}" \
        -io curl-user="$http_user" "$http_url/auth/disk" \
        -o disk -os "$tmpdir/out" -on login
    expect_same "$tmpdir/www/disk" "$tmpdir/out/login-sda"
    expect_nowhere "$http_password"
    run_expecting 3 env V2V_PASSWORD="$tmpdir/wrong" "${client[@]}" \
        -io curl-user="$http_user" "$http_url/auth/disk" -o null
    expect_stdout '^failed auth false$'
    # One that nobody reads.
    run_expecting 3 env V2V_PASSWORD="$tmpdir/wrong" "${client[@]}" --no-such-option
    expect_stdout '^failed usage false$'
}

client_stops ()
{
    run_expecting 4 env V2V_STOP=1 "${client[@]}" "$tmpdir/a disk" \
        -o disk -os "$tmpdir/out" -on stopped --convert 'sleep 1000'
    expect test ! -e "$tmpdir/out/stopped-sda"
    expect_nothing_left
}
