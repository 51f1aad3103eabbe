#!/usr/bin/env bash
# Completion, asked of the real shells: what each offers for a line with the cursor at its end.
. "$(dirname "$0")/tap.bash"

mkdir -p "$tmp/work/dir a" && touch "$tmp/work/file a"
cd "$tmp/work" || exit 1

for shell in bash zsh fish; do
	run occ completion $shell
	is "completion $shell: exit 0, nothing on standard error" "$rc$err" 0
	cp "$tmp/out" "$tmp/occ.$shell"
done
run occ completion tcsh
is "completion of another shell: exit 2" $rc 2
has "completion of another shell: which there are" "$err" "bash, zsh, fish"
is "bash parses it" "$(bash -n "$tmp/occ.bash" 2>&1)" ""
is "zsh parses it" "$(zsh -n "$tmp/occ.zsh" 2>&1)" ""
is "fish parses it" "$(fish -n "$tmp/occ.fish" 2>&1)" ""

# Each asks one shell: prints the offers for a line, sorted, in one line.
ask_bash() {
	bash --norc -c '
		source "$1"
		line=$2
		read -ra COMP_WORDS <<<"${line//=/ = }"
		[ "${line% }" = "$line" ] || COMP_WORDS+=("")
		COMP_CWORD=$(( ${#COMP_WORDS[@]} - 1 ))
		_occ
		[ ${#COMPREPLY[@]} -eq 0 ] || printf "%s\n" "${COMPREPLY[@]}"
	' bash "$tmp/occ.bash" "$1" 2>&1 | sort | paste -sd' '
}

ask_fish() {
	# shellcheck disable=SC2016 # the variables are fish's
	fish --no-config -c 'source $argv[1]; complete -C "$argv[2]"' "$tmp/occ.fish" "$1" 2>&1 |
		cut -f1 | sed 's,/$,,' | sort | paste -sd' '
}

# zsh completes only while it edits a line, so it is run on a terminal of its own (zpty); compadd tells what is offered.
cat >"$tmp/ask.zsh" <<'ZSH'
zmodload zsh/zpty
export TERM=dumb
zpty -b shell zsh -f -i
zpty -w shell "PS1= PS2= ; unsetopt zle_bracketed_paste beep; autoload -Uz compinit; compinit -u -d $3"
zpty -w shell "source $1"
zpty -w shell 'zstyle ":completion:*" list-colors; zstyle ":completion:*" menu no; LISTMAX=10000'
zpty -w shell 'compadd () {
	local -a found; local k
	if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then builtin compadd "$@"; return; fi
	builtin compadd -O found "$@"
	for k in $found; do print -r -- "@OFFER $k" >>$OFFERS; done
	builtin compadd "$@"
}'
zpty -w shell "OFFERS=$4; bindkey '^I' complete-word; finished () { print -r -- @END >>$4 }; zle -N finished; bindkey '^X' finished; print READY"
while zpty -r shell line; do [[ $line == READY* ]] && break; done
zpty -n -w shell "$2"$'\t\x18'
repeat 2000; do
	grep -q @END $4 2>/dev/null && break
	zpty -r -t shell line || sleep 0.01
done
zpty -d shell
ZSH
ask_zsh() {
	rm -f "$tmp/offers"
	timeout 60 zsh -f "$tmp/ask.zsh" "$tmp/occ.zsh" "$1" "$tmp/zcompdump" "$tmp/offers" >/dev/null 2>"$tmp/zsh.err" </dev/null
	sed -n 's/^@OFFER //p' "$tmp/offers" | sed 's/=$//; s,/$,,' | sort -u | paste -sd' '
}

# ask NAME LINE WANT [SHELLS]: the same offers in every shell
ask() {
	local shell
	for shell in ${4:-bash zsh fish}; do
		is "$shell: $1" "$("ask_$shell" "$2")" "$3"
	done
}

firsts=$(commands | awk '{ print $1 }' | sort -u | paste -sd' ')
seconds=$(commands | awk '$1 == "config" { print $2 }' | sort | paste -sd' ')
# shellcheck disable=SC2016 # the backticks are Markdown
keys=$(occ --dump=md-keys | sed -n 's/^| `\([^`]*\)` .*/\1/p' | sort | paste -sd' ')
server=$(tr ' ' '\n' <<<"$keys" | grep '^server\.p' | sort | paste -sd' ')
case $keys in *server.port*) ok "there are keys" ;; *) not_ok "there are keys" "$keys" ;; esac

ask "all commands" "occ " "$firsts"
ask "all commands of opencode-cloud" "opencode-cloud " "$firsts"
ask "commands that begin with sta" "occ sta" "start status"
ask "second words" "occ config " "$seconds"
ask "second words that begin with s" "occ config s" "$(tr ' ' '\n' <<<"$seconds" | grep '^s' | paste -sd' ')"
ask "keys" "occ config set " "$keys"
ask "keys that begin with server.p" "occ config get server.p" "$server"
ask "nothing for a value" "occ config set server.port " ""
ask "nothing for a name" "occ --instance " ""
ask "a command behind a global option" "occ --instance shop sta" "start status"
ask "a command behind --name=value" "occ --instance=shop sta" "start status"
ask "a command behind -q" "occ -q sta" "start status"
ask "an option" "occ start --dr" "--dry-run"
ask "an option behind another with a value" "occ start --port 3001 --dr" "--dry-run"
ask "an option of every command" "occ stop --inst" "--instance"
ask "files" "occ --config fil" "file a" "bash fish"
ask "files" "occ --config fil" "file\\ a" "zsh"
ask "words of an operand" "occ completion " "bash fish zsh"
ask "topics of help" "occ help exit" "exit-status"
ask "nothing behind exec's command" "occ exec ls --" ""
ask "JSON where it is understood" "occ status --js" "--json"
ask "no JSON where it is not" "occ shell --js" ""
finish
