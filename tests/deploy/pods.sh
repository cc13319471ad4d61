# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later

# For tests that run the manifests of deploy/kubernetes: podman runs the Pod of
# a Job's template with its restrictions (user, group, read-only root, no
# capabilities, seccomp, 256 MiB of memory), and with all of its storage in
# $tmpdir.  Its image is empty: it has this host's programs in /usr, read-only,
# and what "make install" installs.

requires_root
requires_program jq podman runc
requires_plugin file
expect_yaml () { python3 -c 'import yaml' 2>/dev/null; }
requires expect_yaml
! under_valgrind || skip 'there is no valgrind in the Pod'
manifests=$abs_top_srcdir/deploy/kubernetes
# Nobody's, and without a name.
pod_user=$((20000 + RANDOM))
fs_group=65532

cat >"$tmpdir/containers.conf" <<END
[containers]
# Those of podman may be more than we may raise them to.
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
lock_type = "file"
END
podman=(env CONTAINERS_CONF="$tmpdir/containers.conf" podman --log-level error
        --root "$tmpdir/podman/root" --runroot "$tmpdir/podman/run"
        --tmpdir "$tmpdir/podman/tmp" --storage-driver vfs --runtime runc)

# The control groups of Pods that are removed stay.
remove_pods ()
{
    local id ids

    ids=$("${podman[@]}" pod ps --quiet --no-trunc)
    "${podman[@]}" pod rm --all --force --time 1 >/dev/null 2>&1 || :
    for id in $ids; do
        find /sys/fs/cgroup -depth -type d -path "*/libpod_parent/$id*" \
            -exec rmdir {} + 2>/dev/null || :
    done
}

# manifest COMMAND ARGUMENT: see manifests.py.
manifest () { python3 "$abs_srcdir/deploy/manifests.py" "$@"; }

# import_image DIR NAME [OPTION...]: DIR is the root of the image NAME.
import_image ()
{
    cleanup_fn remove_pods
    # podman would add a line for the user; Kubernetes adds none.
    echo 'root:x:0:0:root:/root:/bin/sh' >"$tmpdir/passwd"
    image_paths=$(jq -n --arg passwd "$tmpdir/passwd" \
        '{"/etc/passwd": $passwd}')
    tar -C "$1" -cf "$tmpdir/image.tar" .
    "${podman[@]}" import -q "${@:3}" "$tmpdir/image.tar" "localhost/$2:test" \
        >"$tmpdir/logs/podman-import" 2>&1 ||
        skip "podman cannot be used here: $(cat "$tmpdir/logs/podman-import")"
    rm "$tmpdir/image.tar"
    "${podman[@]}" run --rm --network host --volume /usr:/usr:ro \
        "localhost/$2:test" true >"$tmpdir/logs/podman-run" 2>&1 ||
        skip "podman cannot run here: $(cat "$tmpdir/logs/podman-run")"
}

# make_image: the image with this host's programs.  Sets image_paths, the paths
# of the specification of manifests.py that all Pods have.
make_image ()
{
    local dir prefix root=$tmpdir/image

    prefix=$(sed -n 's/^prefix = //p' "$abs_top_builddir/Makefile")
    [ "$prefix" != /usr ] || skip "what is installed would hide this host's"
    make -C "$abs_top_builddir" install DESTDIR="$tmpdir/installed" \
        >"$tmpdir/logs/install" 2>&1
    mkdir -p "$root"/{dev,etc,proc,run,sys,tmp,usr,var/tmp}
    for dir in bin lib lib64 sbin; do
        ln -s "usr/$dir" "$root/$dir"
    done
    import_image "$root" v2v-nbdkit-launch \
        -c "ENV PATH=$prefix/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    image_paths=$(jq --arg prefix "$prefix" \
        --arg installed "$tmpdir/installed$prefix" \
        '. + {"/usr": "/usr", ($prefix): $installed}' <<<"$image_paths")
}

# make_volume NAME: a directory as a volume with fsGroup is.
make_volume ()
{
    mkdir -p "$tmpdir/volumes/$1"
    chgrp "$fs_group" "$tmpdir/volumes/$1"
    chmod 2775 "$tmpdir/volumes/$1"
}

# make_secret NAME VALUE: as the kubelet makes a secret with defaultMode 0440.
make_secret ()
{
    local dir=$tmpdir/volumes/secret

    make_volume secret
    mkdir -p "$dir/..2026"
    chgrp "$fs_group" "$dir/..2026"
    printf '%s' "$2" >"$dir/..2026/$1"
    chgrp "$fs_group" "$dir/..2026/$1"
    chmod 0440 "$dir/..2026/$1"
    ln -sfn ..2026 "$dir/..data"
    ln -sfn "..data/$1" "$dir/$1"
}

# make_target SIZE: the device that is the volume target.  As on a node it is
# its group's.
make_target ()
{
    truncate -s "$1" "$tmpdir/device"
    make_loop "$tmpdir/device"
    chgrp 6 "$loop_device"
    chmod 0660 "$loop_device"
    make_volume target
}

# arguments ARGUMENT...: the guest's Job has these arguments.
arguments ()
{
    mkdir -p "$tmpdir/guest"
    cat >"$tmpdir/guest/kustomization.yaml" <<END
kind: Kustomization
nameSuffix: -web
resources: [$manifests/guest]
patches: [{path: arguments.yaml}]
END
    jq -n '{kind: "Job", metadata: {name: "v2v"}, spec: {template: {spec:
        {containers: [{name: "v2v", args: $ARGS.positional}]}}}}' \
        --args -- "$@" >"$tmpdir/guest/arguments.yaml"
    manifest build "$tmpdir/guest" >"$tmpdir/objects"
}

# job ARGUMENT...: the Job of another guest.
job ()
{
    rm -rf "$tmpdir/volumes/work"
    make_volume work
    arguments "$@"
}

# left NAME: what has this name in the volume.  A directory may be empty: the
# guard dies with the container, often while it removes one.
left () { find "$tmpdir/volumes/work" -name "$1" -not -empty; }

# start_pod OBJECTS [NAME=VALUE...]: start the Pod of the Job in OBJECTS, the
# file that "manifest build" has written, with these environment variables.
# Volumes are in volumes, termination-log is the file of that name.  Sets
# pod_container.
start_pod ()
{
    local variables volumes

    variables=$(jq -n '[$ARGS.positional[] |
        capture("(?<key>.*?)=(?<value>.*)")] | from_entries' --args "${@:2}")
    volumes=$(find "$tmpdir/volumes" -mindepth 1 -maxdepth 1 -printf '%f\n' |
        jq -R --arg dir "$tmpdir/volumes" '{(.): ($dir + "/" + .)}' |
        jq -s --arg device "${loop_device-}" \
            'add | if has("target") then .target = $device else . end')
    # As the kubelet makes it.
    rm -f "$tmpdir/termination-log"
    : >"$tmpdir/termination-log"
    chmod 0666 "$tmpdir/termination-log"
    jq -n --argjson volumes "$volumes" --argjson env "$variables" \
        --argjson image "$image_paths" --arg log "$tmpdir/termination-log" \
        --argjson user "$pod_user" '{
            image: "localhost/v2v-nbdkit-launch:test", user: $user, group: 0,
            env: $env,
            paths: ($volumes + $image + {"/dev/termination-log": $log})
        }' >"$tmpdir/specification"
    manifest pod "$(cat "$tmpdir/specification")" <"$1" >"$tmpdir/pod.yaml"
    pod_container=$(jq -r '.metadata.name + "-" + .spec.containers[0].name' \
        "$tmpdir/pod.yaml")
    remove_pods
    "${podman[@]}" play kube --no-hosts "$tmpdir/pod.yaml" \
        >"$tmpdir/logs/play" 2>&1 ||
        fail "podman play kube: $(cat "$tmpdir/logs/play")"
    start_server pod "${podman[@]}" logs --follow "$pod_container"
}

# end_pod STATUS: wait for the end of the Pod.  Its output is in $out.
end_pod ()
{
    local status

    status=$(timeout "$run_timeout" "${podman[@]}" wait "$pod_container")
    "${podman[@]}" logs "$pod_container" >"$out" 2>"$err"
    cp "$tmpdir/termination-log" "$tmpdir/logs/termination-log"
    [ "$status" = "$1" ] || fail "status $status, not $1"
}

# run_pod STATUS OBJECTS [NAME=VALUE...]
run_pod ()
{
    start_pod "${@:2}"
    end_pod "$1"
}

# result_is JQ: what the Pod has told in its termination message.
result_is ()
{
    jq -e "$1" "$tmpdir/termination-log" >/dev/null
}

# expect_pod_says REGEX: the last Pod has printed this.
expect_pod_says ()
{
    grep -q -e "$1" "$out" "$err" || fail "the Pod does not say '$1'"
}
