#!/usr/bin/env bash
# backup - a backup and a snapshot of 2 GiB in small and large files, beside tar in a container piped to the same compressor, and tar from one volume into another; and
# `occ doctor` where all is well. BENCH_BACKUPS of each (3).
. "$(dirname "$0")/bench.bash"
name=opencode-cloud-e2e times=${BENCH_BACKUPS:-3}

e2e_image >/dev/null 2>&1 || exit 1
e2e_init bench-backup
e2e_cleanup
occ config set image.base "$e2e_base" >/dev/null
occ config set server.port 3229 >/dev/null
occ start >/dev/null 2>&1 || exit 1
# 1 GiB in 20 files, 1 GiB in 100,000; half of each is noise
# shellcheck disable=SC2016
occ exec -- python3 -c '
import os
home = os.path.expanduser("~/.local/share/opencode/mine")
def put(path, n):
    with open(path, "wb") as f:
        f.write(os.urandom(n // 2) + b"the quick brown fox, line %d\n" % n * (n // 2 // 30))
for d in range(100):
    os.makedirs("%s/%d" % (home, d))
    for i in range(1000):
        put("%s/%d/%d" % (home, d, i), 10737)
for i in range(20):
    put("%s/large%d" % (home, i), 53687091)
' >/dev/null
line figure ours peer ratio verdict

image=$(inspect "$name" .Image)
tar_out="docker run --rm -u 0 --entrypoint tar -v $name-home:/h:ro $image -C /h --exclude=./.cache --exclude=./.local/share/opencode/log -cf - ."
# 0.9 x the speed is the time / 0.9
pair "$times" "$occ_binary" --instance e2e backup create -o "$work/ours.tar.gz" --- bash -c "$tar_out | $bench/gz >$work/theirs.tar.gz"
bar "$ratio" 1.111
line "backup of 2 GiB, ms" "$median" "tar|gzip $other_median" "$ratio" "$verdict"
bar "$peak" 8192
line "... peak KiB" "$peak" "" "" "$verdict"
line "... bytes" "$(stat -c %s "$work/ours.tar.gz")" "$(stat -c %s "$work/theirs.tar.gz")" "" ""
rm -f "$work"/*.tar.gz

from=$name-home to=$name-home.before-bench
tar_copy="docker run --rm -u 0 --entrypoint sh -v $from:/from:ro -v $to:/to $image -c 'tar -C /from -cf - . | tar -C /to -xf -'"
pair "$times" "$bench/snapshot" e2e "$to" --- bash -c "docker volume rm -f $to; $tar_copy"
bar "$ratio" 1.111
line "snapshot of 2 GiB, ms" "$median" "tar|tar $other_median" "$ratio" "$verdict"
bar "$peak" 8192
line "... peak KiB, the helper's not counted" "$peak" "" "" "$verdict"
docker volume rm -f "$to" >/dev/null 2>&1

pair "$times" "$occ_binary" --instance e2e doctor --- docker info
bar "$median" 1500
line "occ doctor, ms" "$median" "docker info $other_median" "$ratio" "$verdict"
occ stop --remove --now >/dev/null 2>&1
e2e_cleanup
exit "$failed"
