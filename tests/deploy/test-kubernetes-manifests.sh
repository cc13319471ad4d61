#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The manifests are what Kubernetes' client knows, without loss, and
# the kustomizations put together what belongs together.
. ./functions.sh

requires_program jq
python_has () { python3 -c "import $1" 2>/dev/null; }
requires python_has yaml
manifests=$abs_top_srcdir/deploy/kubernetes
build () { python3 "$abs_srcdir/deploy/manifests.py" build "$1"; }

for name in guest fleet example/web; do
    build "$manifests/$name" >"$tmpdir/${name##*/}"
done
# holds OBJECTS FILTER
holds () { jq -se "$2" "$tmpdir/$1" >/dev/null; }
spec='.[] | select (.kind == "Job").spec.template.spec'

# Each volume that a Job names is one of those that come with it.
expect holds web '[.[] | .kind + " " + .metadata.name] == ["Job v2v-web",
    "PersistentVolumeClaim v2v-work-web",
    "PersistentVolumeClaim v2v-target-web", "Secret v2v-secret-web"]'
expect holds web "$spec"'.volumes == [
    {name: "target", persistentVolumeClaim: {claimName: "v2v-target-web"}},
    {name: "work", persistentVolumeClaim: {claimName: "v2v-work-web"}},
    {name: "secret", secret: {secretName: "v2v-secret-web",
                              defaultMode: 288, optional: true}}]'
expect holds web "$spec"'.containers[0].args | index ("path=/dev/target")'
expect holds web "$spec"'.containers[0].image |
    test ("^registry.example.com/.*:")'
expect holds fleet '(.[] | select (.kind == "ConfigMap").data.guests
    | split ("\n") | length - 1) == (.[] | select (.kind == "Job")
    .spec.completions)'
expect holds fleet "$spec"'.volumes | map (.name) ==
    ["guests", "shared", "tmp", "secret"]'

# The restricted level of the Pod Security Standards; 75 is repeated.
for name in guest fleet web; do
    expect holds $name "$spec"' | .restartPolicy == "Never" and
        .securityContext.runAsNonRoot and
        .securityContext.seccompProfile.type == "RuntimeDefault" and
        (.containers[0] | .securityContext == {
            allowPrivilegeEscalation: false, capabilities: {drop: ["ALL"]},
            readOnlyRootFilesystem: true} and
            .resources.limits.memory == "256Mi") and
        all (.volumes[]; has ("hostPath") | not)'
    expect holds $name '.[] | select (.kind == "Job") |
        .metadata.labels["kueue.x-k8s.io/queue-name"] == "v2v" and
        (.spec.podFailurePolicy.rules | map (.action) | .[:2]) ==
            ["Ignore", "Count"] and
        .spec.podFailurePolicy.rules[1].onExitCodes.values == [75]'
done

# The official client's models.
for python in python3 /usr/bin/python3; do
    ! "$python" -c 'import kubernetes' 2>/dev/null || break
    python=
done
[ -n "$python" ] || skip 'Python has no module kubernetes'
cat >"$tmpdir/models.py" <<'END'
import json
import sys

from kubernetes import __version__, client

# What clients of 2022 do not know yet.
LATER = {".spec.podFailurePolicy": 26, ".spec.backoffLimitPerIndex": 28}


class Answer:
    def __init__(self, data):
        self.data = data


def compare(path, want, got):
    """The paths of what WANT has, and GOT has not, or otherwise."""
    if isinstance(want, dict) and isinstance(got, dict):
        for name in want.keys() | got.keys():
            yield from compare(f"{path}.{name}", want.get(name),
                               got.get(name))
    elif isinstance(want, list) and isinstance(got, list) and \
            len(want) == len(got):
        for number, (left, right) in enumerate(zip(want, got)):
            yield from compare(f"{path}[{number}]", left, right)
    elif want != got:
        yield path


version = int(__version__.split(".")[0])
api = client.ApiClient()
count = 0
for name in sys.argv[1:]:
    with open(name, encoding="utf-8") as stream:
        for line in stream:
            want = json.loads(line)
            got = api.sanitize_for_serialization(
                api.deserialize(Answer(line), f"V1{want['kind']}"))
            count += 1
            for path in compare("", want, got):
                print(f"{name}: {path} is lost by version {__version__}")
                if version >= LATER.get(path, 0):
                    sys.exit(1)
print(f"{count} objects")
END
run_expecting 0 "$python" "$tmpdir/models.py" "$tmpdir"/{guest,fleet,web}
expect_stdout '^9 objects$'

# What that one is too old for, the client for Node knows.
[ -n "${V2V_TEST_LONG-}" ] || exit 0
requires_program npm node
cd "$tmpdir"
npm install --ignore-scripts --no-audit --no-fund @kubernetes/client-node \
    >"$tmpdir/logs/npm" 2>&1 || skip 'npm cannot install the client for Node'
cat >client.mjs <<'END'
import { readFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
const { ObjectSerializer } = await import(
  './node_modules/@kubernetes/client-node/dist/gen/models/' +
  'ObjectSerializer.js')

let count = 0
for (const name of process.argv.slice(2))
  for (const line of readFileSync(name, 'utf8').trimEnd().split('\n')) {
    const want = JSON.parse(line), type = 'V1' + want.kind
    const got = ObjectSerializer.serialize(
      ObjectSerializer.deserialize(want, type), type)
    count++
    if (!isDeepStrictEqual(JSON.parse(JSON.stringify(got)), want)) {
      console.error(name, JSON.stringify(got))
      process.exitCode = 1
    }
  }
console.log(`${count} objects`)
END
run_expecting 0 node client.mjs "$tmpdir"/{guest,fleet,web}
expect_stdout '^9 objects$'
