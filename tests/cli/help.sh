#!/usr/bin/env bash
# Every command explains itself, in the form the table promises, on any width; the manual is well-formed.
. "$(dirname "$0")/tap.bash"

# Metavars that completion knows, or that have nothing to complete. A new one is added here and, if it has words or
# files, to lib/cli/dump.c or the words of applets/occ.c.
known=' FILE DIR KEY VALUE NAME URL PORT ADDRESS DURATION TIME N ID USER COMMAND ARG TOPIC VERSION PATH PROVIDER LABEL '

run occ help
is "overview: exit 0" $rc 0
is "overview fits 80 columns" "$(printf '%s\n' "$out" | awk 'length > 80')" ""
lines=$(printf '%s\n' "$out" | wc -l)
if [ "$lines" -le 41 ]; then ok "overview is short"; else not_ok "overview is short" "$lines lines"; fi
overview=$out
run occ --help
is "--help is the same" "$out" "$overview"
run occ help exit-status
has "exit status table" "$out" "  14  refused"

n=0
while read -r -a cmd; do
	name="${cmd[*]}" n=$((n + 1))
	has "overview lists ${name%% *}" "$overview" "  ${name%% *} "

	run env COLUMNS=200 occ "${cmd[@]}" --help
	is "$name --help: exit 0, nothing on standard error" "$rc$err" 0
	help=$out
	run env COLUMNS=200 occ help "${cmd[@]}"
	is "help $name: the same" "$rc$out" "0$help"

	brief=$(sed -n 3p <<<"$help")
	case $brief in
	*..) not_ok "$name: brief" "ends with a full stop: $brief" ;;
	?????????????????????????????????????????????????????????????*.) not_ok "$name: brief" "longer than 60: $brief" ;;
	*.) ok "$name: brief" ;;
	*) not_ok "$name: brief" "is \"$brief\"" ;;
	esac

	# Option lines: "  -p, --port PORT       text".
	options=$(grep -E '^  (-., |    )--[a-z]' <<<"$help")
	bad=$(awk '{ sub(/^ +(-., )?--[a-z-]+( [^ ]+)? +/, ""); sub(/ \(repeatable\)$/, "")
		if (length > 60 || /\.$/ || /^[A-Z][a-z]/) print }' <<<"$options")
	is "$name: texts of options" "$bad" ""
	is "$name: no option twice" "$(grep -oE -- '--[a-z-]+' <<<"$(awk '{ print $1 == $1 && $1 ~ /,$/ ? $2 : $1 }' <<<"$options")" | sort | uniq -d)" ""
	is "$name: no letter twice" "$(grep -oE '^  -.,' <<<"$options" | sort | uniq -d)" ""

	# Every documented option is taken by the parser, with a value where it shows one; every metavar is known.
	while read -r option metavar; do
		if [ -n "$metavar" ]; then
			run occ "${cmd[@]}" "$option" --help
			has "$name $option wants a value" "$err" "option $option needs a value"
			for word in $(tr -cs '[:upper:]' ' ' <<<"$metavar"); do
				case $known in *" $word "*) ;; *) not_ok "$name $option: metavar" "$word is not known" ;; esac
			done
		else
			run occ "${cmd[@]}" "$option" --help
			is "$name $option is taken" "$rc" 0
		fi
	done < <(sed -E 's/^  (-., |    )//; s/^(--[a-z-]+)( ([^ ]+))?  .*/\1 \3/' <<<"$options")
	run occ "${cmd[@]}" --no-such-option
	is "$name with a wrong option: exit 2" $rc 2

	for width in 40 80 132; do
		COLUMNS=$width occ "${cmd[@]}" --help >"$tmp/out"
		wide=$(awk -v w=$width 'length > w && !/^Usage:/ && !/^  (occ|opencode-cloud) /' "$tmp/out")
		is "$name --help at $width columns" "$wide" ""
	done

	# Examples are command lines of this program.
	while read -r -a words; do
		[ ${#words[@]} -gt 0 ] || continue
		# In front: the words may end with another program's options.
		run occ --help "${words[@]:1}"
		is "$name: example ${words[*]}" "$rc" 0
	done < <(sed -n '/^Examples:/,/^$/s/^  \(occ .*\)/\1/p' <<<"$help" | sed 's/   .*//; s/ [|>].*//')
done < <(commands)
if [ $n -ge 20 ]; then ok "there are commands"; else not_ok "there are commands" "only $n"; fi

for group in $(commands | awk 'NF > 1 { print $1 }' | sort -u); do
	run occ "$group" --help
	is "$group --help: exit 0" $rc 0
	for second in $(commands | awk -v g="$group" '$1 == g { print $2 }'); do
		has "$group --help lists $second" "$out" "  $group $second"
	done
done

# The manual.
occ --dump=man >"$tmp/occ.1" || not_ok "manual" "exit $?"
is "man finds no fault" "$(MANWIDTH=80 man --warnings -E UTF-8 -l "$tmp/occ.1" 2>&1 >"$tmp/manual")" ""
# The page has no date, so that the same sources give the same page.
is "mandoc finds no fault" "$(mandoc -Tlint -W warning "$tmp/occ.1" | grep -v 'missing date')" ""
while read -r name; do
	if grep -qF -- "occ ${name}" <(col -b <"$tmp/manual"); then ok "manual has $name"; else not_ok "manual has $name" "no"; fi
done < <(commands)

for kind in md-commands md-keys json-schema; do
	run occ --dump=$kind
	if [ $rc -eq 0 ] && [ -n "$out" ]; then ok "--dump=$kind"; else not_ok "--dump=$kind" "exit $rc: $err"; fi
done
run occ --dump=nothing
is "--dump of nothing: exit 2" $rc 2
finish
