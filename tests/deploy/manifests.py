#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Kubernetes manifests without a cluster.

manifests.py build DIRECTORY
    Print the objects that the kustomization in DIRECTORY makes, as JSON.
    Knows no more of kustomize than deploy/kubernetes uses, and refuses the
    rest.

manifests.py pod SPECIFICATION
    Standard input has objects: print the Pod that the template of the Job
    among them makes, in a form that "podman play kube" runs here.
    SPECIFICATION is a JSON object with
    "image", "user", "group": what the runtime takes from the image
    "paths": a file, directory or device of this host for each volume, and
      for each other path that is mounted, too (a name that begins with "/")
    "env": more variables
"""

import json
import os
import sys

import yaml

KUSTOMIZATION = {
    "apiVersion", "kind", "nameSuffix", "resources", "patches", "images",
    "configMapGenerator", "secretGenerator", "generatorOptions",
}


def refuse(what):
    sys.exit(f"manifests.py: {what}")


def load(path):
    with open(path, encoding="utf-8") as stream:
        return list(yaml.safe_load_all(stream))


def key(item):
    return item["kind"], item["metadata"]["name"]


def merge(base, patch):
    """A strategic merge, where lists are replaced unless they have names."""
    for name, value in patch.items():
        old = base.get(name)
        if isinstance(value, dict) and isinstance(old, dict):
            merge(old, value)
        elif (isinstance(value, list) and isinstance(old, list) and
              value and all(isinstance(i, dict) and "name" in i
                            for i in value + old)):
            for item in value:
                same = [i for i in old if i["name"] == item["name"]]
                if same:
                    merge(same[0], item)
                else:
                    old.append(item)
        elif value is None:
            base.pop(name, None)
        else:
            base[name] = value


def pod_spec(item):
    return item["spec"]["template"]["spec"] if item["kind"] == "Job" else None


def references(item):
    """The places in ITEM that name other objects: (kind, dict, key)."""
    for volume in (pod_spec(item) or {}).get("volumes", []):
        for name, kind, where in (
                ("persistentVolumeClaim", "PersistentVolumeClaim",
                 "claimName"),
                ("secret", "Secret", "secretName"),
                ("configMap", "ConfigMap", "name")):
            if name in volume:
                yield kind, volume[name], where


def generated(directory, kind, generator):
    unknown = set(generator) - {"name", "files"}
    if unknown:
        refuse(f"{directory}: generator has {unknown}")
    for name in generator["files"]:
        with open(os.path.join(directory, name), encoding="utf-8") as stream:
            # stringData is what data holds in base64.
            yield {"apiVersion": "v1", "kind": kind,
                   "metadata": {"name": generator["name"]},
                   "stringData" if kind == "Secret" else "data":
                   {name: stream.read()}}


def build(directory):
    path = os.path.join(directory, "kustomization.yaml")
    (kustomization,) = load(path)
    unknown = set(kustomization) - KUSTOMIZATION
    if unknown:
        refuse(f"{path}: {unknown}")
    if kustomization["kind"] != "Kustomization":
        refuse(f"{path}: it is a {kustomization['kind']}")
    items = []
    for name in kustomization["resources"]:
        name = os.path.join(directory, name)
        items += build(name) if os.path.isdir(name) else load(name)
    options = kustomization.get("generatorOptions", {})
    for kind, name in (("ConfigMap", "configMapGenerator"),
                       ("Secret", "secretGenerator")):
        for generator in kustomization.get(name, []):
            if options != {"disableNameSuffixHash": True}:
                refuse(f"{path}: names with a hash")
            items += generated(directory, kind, generator)
    if len({key(item) for item in items}) != len(items):
        refuse(f"{path}: an object is there twice")
    for patch in kustomization.get("patches", []):
        if set(patch) != {"path"}:
            refuse(f"{path}: a patch with {set(patch)}")
        for changes in load(os.path.join(directory, patch["path"])):
            same = [i for i in items if key(i) == key(changes)]
            if len(same) != 1:
                refuse(f"{path}: a patch of {key(changes)}")
            merge(same[0], changes)
    for image in kustomization.get("images", []):
        for item in items:
            for container in (pod_spec(item) or {}).get("containers", []):
                if container["image"] == image["name"]:
                    container["image"] = \
                        f"{image['newName']}:{image['newTag']}"
    suffix = kustomization.get("nameSuffix", "")
    names = {key(item) for item in items}
    for item in items:
        for kind, where, name in references(item):
            if (kind, where[name]) in names:
                where[name] += suffix
        item["metadata"]["name"] += suffix
    return items


def mount(spec, container, name, source, path):
    """Mount SOURCE, which is of this host, at PATH."""
    kind = ("BlockDevice" if not os.path.isfile(source) and
            not os.path.isdir(source) else
            "File" if os.path.isfile(source) else "Directory")
    spec["volumes"].append({"name": name,
                            "hostPath": {"path": source, "type": kind}})
    if path is not None:
        container["volumeMounts"].append({"name": name, "mountPath": path})


def pod(items, given):
    (job,) = [item for item in items if item["kind"] == "Job"]
    spec = pod_spec(job)
    (container,) = spec["containers"]
    paths = dict(given["paths"])
    container["image"] = given["image"]
    container.setdefault("env", []).extend(
        {"name": name, "value": value}
        for name, value in given.get("env", {}).items())
    security = spec["securityContext"]
    security["runAsUser"] = given["user"]
    security["runAsGroup"] = given["group"]
    # podman does not know fsGroup, nor block volumes; what is served here is
    # on loopback.
    security["supplementalGroups"] = \
        security.get("supplementalGroups", []) + [security["fsGroup"]]
    spec["hostNetwork"] = True
    volumes, spec["volumes"] = spec["volumes"], []
    for volume in volumes:
        source = paths.pop(volume["name"], None)
        if source is None:
            refuse(f"no path for the volume {volume['name']}")
        mount(spec, container, volume["name"], source, None)
    for device in container.pop("volumeDevices", []):
        container["volumeMounts"].append(
            {"name": device["name"], "mountPath": device["devicePath"]})
    for number, (path, source) in enumerate(sorted(paths.items())):
        if not path.startswith("/"):
            refuse(f"the Job has no volume {path}")
        mount(spec, container, f"more{number}", source, path)
        container["volumeMounts"][-1]["readOnly"] = \
            path != "/dev/termination-log"
    return {"apiVersion": "v1", "kind": "Pod",
            "metadata": {"name": job["metadata"]["name"]}, "spec": spec}


def main(command, argument):
    if command == "build":
        for item in build(argument):
            print(json.dumps(item))
    elif command == "pod":
        items = list(yaml.safe_load_all(sys.stdin.read().replace(
            "\n{", "\n---\n{")))
        print(json.dumps(pod(items, json.loads(argument))))
    else:
        refuse(f"unknown command {command}")


if __name__ == "__main__":
    main(*sys.argv[1:])
