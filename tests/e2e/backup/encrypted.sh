# encrypted.sh - sourced by 26-backup.sh: backups encrypted by us and read by Debian's age, the other way, and nothing without the key.
# shellcheck shell=bash disable=SC2154 # here, work, dir, out: from those who source this

key=$work/backup.key
# at_terminal COMMAND... - answers what the lines of standard input say (setup/talk)
at_terminal() {
	cat >"$work/typed"
	"$here/setup/talk" "$work/typed" "$@"
}
newest_encrypted() { files | grep 'age$' | tail -n 1; }

runs "keygen" occ backup keygen -o "$key"
public=$(age-keygen -y "$key")
like "age-keygen reads it, and finds the same public half" "$out" "Public key +$public"
unlike "the secret half is not shown" "$out" "AGE-SECRET"
is "nobody else can read it" "$(stat -c %a "$key")" 600
exits "a key is never replaced" 1 occ backup keygen -o "$key"
is "and is the same" "$(age-keygen -y "$key")" "$public"
runs "a key to standard output" occ backup keygen
like "as age-keygen writes it" "$out" '^AGE-SECRET-KEY-1[A-Z0-9]{58}$'

exits "a secret key is no recipient" 2 occ backup create -r "$(grep AGE "$key")"
unlike "and is not shown" "$out" "AGE-SECRET-KEY-1"
exits "nor in the configuration" 3 occ config add backup.recipients "$(grep AGE "$key")"
unlike "where it is not shown either" "$out" "AGE-SECRET-KEY-1"
case $public in *x) mistyped=${public%x}y ;; *) mistyped=${public%?}x ;; esac
exits "a recipient with a typing error" 2 occ backup create -r "$mistyped"
exits "a recipient and a passphrase" 2 occ backup create -r "$public" -p

# ---- for a key ----
runs "recipients" occ config add backup.recipients "$public"
runs "create" occ backup create --with-credentials
like "says that it is encrypted" "$out" 'packed, encrypted\)'
sealed=$(newest_encrypted)
like "its name says so, too" "$sealed" '^backup-[0-9]{8}T[0-9]{6}Z\.tar\.gz\.age$'
is "nothing of it can be read" "$(gzip -dc "$dir/$sealed" 2>/dev/null | wc -c)" 0
is "age reads it" "$(age -d -i "$key" "$dir/$sealed" | tar -xzO settings/credentials.json | grep -cF "$(occ password show)")" 1
exits "we do not without the key" 14 occ backup verify --checksums-only
like "and say how" "$out" "try +--identity FILE"
occ backup keygen -o "$work/other.key" >/dev/null
exits "nor with another" 14 occ backup verify --checksums-only -i "$work/other.key"
like "which is told" "$out" "for other keys"
runs "from a pipe" bash -c "occ backup verify --checksums-only -i <(cat $key)"
chmod 644 "$work/other.key"
exits "a key that everybody can read" 14 occ backup verify --checksums-only -i "$work/other.key"
runs "proved with the key" occ backup verify -i "$key"
like "opencode ran on it" "$out" 'Proved +opencode'
runs "restored with the key" occ backup restore latest -i "$key" --yes --now
like "what was there is kept, encrypted as well" "$out" 'Before +what was there: occ backup restore backup-.*\.age'
is "the sessions are there" "$(sessions | grep -c "$first")" 1
runs "a round without the key at hand" occ backup run
like "status says that nobody proves them" "$(occ status 2>&1)" 'not proved by itself: the key is elsewhere'
runs "the key at hand" occ config set backup.identity "$key"
runs "needs no option" occ backup verify --checksums-only

# ---- what age has made ----
age -d -i "$key" "$dir/$sealed" >"$work/plain.tar.gz"
occ backup keygen -o "$work/second.key" >/dev/null
age -r "$public" -r "$(age-keygen -y "$work/second.key")" -o "$work/by-age.age" "$work/plain.tar.gz"
runs "encrypted by age for two, read by the second" occ backup verify "$work/by-age.age" --checksums-only -i "$work/second.key"
is "and by its program's own way through a pipe" "$(occ backup verify /dev/stdin --checksums-only --json <"$work/by-age.age" | jq -r .encrypted)" true
printf 'X' | dd of="$work/by-age.age" bs=1 seek=$(($(stat -c %s "$work/by-age.age") - 100)) conv=notrunc 2>/dev/null
exits "a damaged one" 1 occ backup verify "$work/by-age.age" --checksums-only
like "is told" "$out" "the encrypted data is not as it was written"

# ---- with a passphrase ----
printf 'Canary horse battery\n' >"$work/phrase" && chmod 600 "$work/phrase"
runs "a passphrase from a file" occ backup create --passphrase-file "$work/phrase" -o "$work/phrase.age"
exits "without a terminal it cannot be asked for" 2 occ backup verify "$work/phrase.age" --checksums-only
like "and what helps is said" "$out" "passphrase-file FILE"
out=$(at_terminal age -d -o "$work/phrase.tar.gz" "$work/phrase.age" <<<$'Enter passphrase:\tCanary horse battery' 2>&1)
row $? "age reads it" "$out"
runs "and finds the archive" tar -tzf "$work/phrase.tar.gz"
out=$(at_terminal age -p -o "$work/age-phrase.age" "$work/plain.tar.gz" < <(printf 'Enter passphrase\tCanary typed to age\nConfirm passphrase:\tCanary typed to age\n') 2>&1)
row $? "age encrypts with another" "$out"
out=$(at_terminal occ backup verify "$work/age-phrase.age" --checksums-only <<<$'passphrase:\tCanary typed to age' 2>&1)
row $? "which we ask for" "$out"
unlike "and do not show" "$out" Canary
out=$(at_terminal occ backup verify "$work/age-phrase.age" --checksums-only <<<$'passphrase:\tanother' 2>&1)
is "a wrong one" $? 14
like "is told" "$out" "the passphrase is not the one"
out=$(at_terminal occ backup create -p -o "$work/typed.age" < <(printf 'New passphrase:\tone\npassphrase again:\ttwo\n') 2>&1)
is "two that differ" $? 2
[ ! -e "$work/typed.age" ] && [ ! -e "$work/typed.age.partial" ]
row $? "and nothing is made"
out=$(at_terminal occ backup restore "$work/phrase.age" --yes --now <<<$'passphrase:\tCanary horse battery' 2>&1)
row $? "restored with a passphrase that is asked for once" "$out"
is "once" "$(grep -c 'The passphrase:' <<<"$out")" 1
is "the sessions are there" "$(sessions | grep -c "$first")" 1
# ---- whom what was there is kept for, when the settings in the backup are others ----
runs "a plain backup's settings" occ backup restore "$work/pipe.tar.gz" --settings --yes --now
like "what was there is encrypted all the same" "$out" 'Before +what was there: occ backup restore backup-.*\.age'
is "for its owner" "$(age -d -i "$key" "$dir/$(newest_encrypted)" | tar -tzf - | grep -c '^settings/credentials.json$')" 1
is "and the settings are those of the backup" "$(occ config get backup.recipients)" ""
occ config set backup.identity "$work/not-there.key" >/dev/null
runs "a key that is not there hinders nobody who does not need it" occ backup verify "$work/pipe.tar.gz" --checksums-only
like "but is told" "$out" "backup.identity: "
occ config unset backup.identity >/dev/null
occ config unset backup.recipients >/dev/null
