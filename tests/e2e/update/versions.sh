# versions.sh - sourced by 25-update.sh: forth and back between two real versions
# shellcheck shell=bash disable=SC2154

exits "without a service there is nothing to update" 6 occ update "$new" --yes
like "and what to do is said" "$out" "start"
exits "nothing to take back" 6 occ rollback --yes
runs "no history" occ history
runs "start with the older one" occ start
url=$(occ status --json | jq -r .url)
mapfile -t auth < <(with_password)
is "which runs" "$(version)" $old
first=$(made)
# shellcheck disable=SC2016
occ exec -- sh -c 'cd ~/.local/share/opencode && mkdir -p mine/deep && head -c 3000000 /dev/urandom >mine/deep/large && echo a >mine/changed && echo b >mine/removed && chmod 600 mine/changed &&
	ln -s /nowhere mine/link && mkdir "mine/a name" && : >"mine/a name/e m p t y"' >/dev/null
before=$(data)

runs "is there a newer one?" occ update --check
like "there is" "$out" "opencode 1\.[0-9.]+ is there, $old runs"
is "as JSON" "$(occ update --check --json | jq -c '[.opencode, .is_newer]')" "[\"$old\",true]"
exits "a version that is none" 2 occ update latest
exits "another major version" 2 occ update 2.0.0
like "is told of by name" "$out" "opencode 2 is not supported"
exits "without a terminal it is not done unasked" 2 occ update "$new"
exits "no number" 2 occ rollback one
exits "nothing is there to take back" 1 occ rollback --yes
runs "only looked at" occ update "$new" --dry-run
is "nothing of that changed anything" "$(version)$(containers_of)$(kept)" "${old}10"

runs "update" occ update "$new" --yes
like "it says how much was kept" "$out" "Snapshot +[0-9.]+ .?B of opencode's data in $name-home.before-1"
like "and how to go back" "$out" "Back +occ rollback"
is "the new one runs" "$(version)" "$new"
is "with the session" "$(sessions)" "$first"
is "and is configured" "$(occ config get image.opencode)" "$new"
all_is_kept "after the update"
runs "the same again" occ update "$new" --yes
like "is nothing to do" "$out" "nothing to do"
runs "start" occ start
like "has nothing to do either" "$out" "Nothing to do: running since"

second=$(made)
# shellcheck disable=SC2016
occ exec -- sh -c 'cd ~/.local/share/opencode/mine && echo more >>changed && chmod 644 changed && rm removed link && ln -s deep link && rm -r "a name" && echo file >"a name" && echo new >added' >/dev/null
after=$(data)
runs "rollback" occ rollback --yes
is "the old one runs" "$(version)" $old
is "with the sessions of then" "$(sessions)" "$first"
is "and the files of then" "$(data)" "$before"
is "and is configured" "$(occ config get image.opencode)" $old
all_is_kept "after the rollback"
runs "a rollback of the rollback" occ rollback --yes
is "is what was before it" "$(version) $(sessions)" "$new $(printf '%s\n' "$first" "$second" | sort | paste -sd' ')"
is "to the last file" "$(data)" "$after"
runs "history" occ history
like "tells of all three" "$(tr '\n' '|' <<<"$out")" "3 .*$old -> $new, back to before 2.*\| +2 .*$new -> $old, back to before 1.*\| +1 .*$old -> $new"
is "as JSON" "$(occ history --json | jq -c '[.[]|[.number,.state,.back_to]]')" '[[3,"done",2],[2,"done",1],[1,"done",0]]'

runs "only the program of then" occ rollback 1 --keep-data --yes
is "on the data of now" "$(version) $(sessions)" "$old $(printf '%s\n' "$first" "$second" | sort | paste -sd' ')"
runs "and then data of then, too" occ rollback 3 --yes
is "is that of then" "$(version) $(sessions)" "$old $first"
runs "again only the program, which is there" occ rollback 3 --keep-data --yes
is "leaves no journal" "$(find "$state" -name update.json)" ""
runs "and what was before that is kept" occ rollback --yes
is "with every session" "$(version) $(sessions)" "$old $(printf '%s\n' "$first" "$second" | sort | paste -sd' ')"
occ config set update.keep 2 >/dev/null
rounds=0
[ -z "${OCC_LONG:-}" ] || rounds=8
for n in $(seq $rounds); do
	runs "to and fro, $n" occ update "$(other)" --yes
done
runs "and once more" occ update "$(other)" --yes
is "no more is kept than is wanted" "$(kept)" 2
is "nor images" "$(engine /images/json | jq -r --arg p "$name:before" '[.[].RepoTags[]?|select(startswith($p))]|length')" 2
occ config set update.keep 5 >/dev/null
occ config set update.keep_size 64m >/dev/null
occ exec -- sh -c 'head -c 40000000 /dev/urandom >~/.local/share/opencode/mine/large' >/dev/null
runs "with much data" occ update "$(other)" --yes
runs "and again" occ update "$(other)" --yes
is "what is kept is not more than it may take" "$(kept)" 1
# ---- refused before anything is touched ----
copies=$(kept)
occ exec -- sh -c 'cd && mv .local/share/opencode away && ln -s away .local/share/opencode' >/dev/null
exits "data behind a link is not copied" 14 occ update "$(other)" --yes --now
like "and the link is named" "$out" "/home/opencode/.local/share/opencode is a symbolic link"
occ exec -- sh -c 'cd && rm .local/share/opencode && mv away .local/share/opencode' >/dev/null
is "nothing of it is left" "$(kept) $(find "$state" -name update.json)" "$copies "
copy=$name-home.before-$(($(occ history --json | jq '.[0].number') + 1))
docker volume create --label io.opencode-cloud.deployment=another "$copy" >/dev/null
runs "the same image again, where another deployment of the name has left a copy" occ update --rebuild --yes
like "which keeps its number" "$out" "in $name-home.before-$((${copy##*-} + 1))"
is "and is not touched" "$(docker run --rm --network none -v "$copy:/copy" --entrypoint ls "$e2e_ref" -A /copy)" ""
docker volume rm "$copy" >/dev/null
now=$(inspect "$name" .Image)
killed_at "update [0-9]+: snapshot" rollback --yes --now
runs "a rollback killed before it began: start" occ start --now
is "is none" "$(inspect "$name" .Image) $(find "$state" -name update.json)" "$now "
exits "what is not kept cannot be had" 1 occ rollback 1 --yes
like "and that is said" "$out" "not kept any more"
all_is_kept "after all of it"
