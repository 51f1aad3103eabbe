#!/usr/bin/env bash
# The files for clouds that scripts/cloud makes of a release: filled, their scripts clean, the template's schema. A machine that boots with them is still to be made.
. "$(dirname "$0")/../cli/tap.bash"
# shellcheck source=tests/release.bash
. tests/release.bash
/usr/bin/python3 -c 'import yaml' 2>/dev/null || scripts/apt-install python3-yaml >/dev/null || exit 1
stand_in_release "$tmp/release" 0.2.0 "$OCC"
RELEASE_URL=https://releases.test run scripts/cloud "$tmp/release" 0.2.0
is "they are made" "$rc:$err" 0:
is "no mark is left" "$(grep -c '@[A-Z_]*@' "$tmp/release/cloud-init.yaml" "$tmp/release/cloudformation.yaml" | sed 's/.*://' | tr -d '\n')" 00
is "cloud-init's is YAML" "$(/usr/bin/python3 -c 'import sys, yaml; print(sorted(yaml.safe_load(open(sys.argv[1]))))' "$tmp/release/cloud-init.yaml")" "['runcmd', 'write_files']"
has "with this release's hash" "$(cat "$tmp/release/cloud-init.yaml")" "target=$target sum=$(sha256sum "$OCC" | cut -d' ' -f1)"
for one in first-boot on-aws; do
	is "shellcheck: $one" "$(shellcheck -s sh "scripts/cloud.d/$one")" ""
done
/usr/bin/python3 tests/cloudformation.py "$tmp/release/cloudformation.yaml" >"$tmp/schema"
grep '^not ' "$tmp/schema"
is "the template's schema" "$(grep -c '^ok' "$tmp/schema"):$(tail -n 1 "$tmp/schema")" "26:1..26"
# What it is to find it finds
for change in 's/HopLimit: 1/HopLimit: 2/' 's/DeletionPolicy: Retain/DeletionPolicy: Delete/' 's/!Ref Targets/!Ref Target/' 's/FromPort: 8080/FromPort: 22/' 's/"4000"/"60"/'; do
	sed "$change" "$tmp/release/cloudformation.yaml" >"$tmp/changed"
	/usr/bin/python3 tests/cloudformation.py "$tmp/changed" >"$tmp/schema" 2>&1
	is "found: $change" "$?" 1
done
finish
