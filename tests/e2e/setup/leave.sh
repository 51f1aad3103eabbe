# leave.sh - sourced by 55-setup.sh: q, Ctrl-C, Ctrl-D and a closed way back leave everything as it was, wherever they are typed.
# shellcheck shell=bash disable=SC2154

# leaves NAME - the script on standard input ends with leaving
leaves() {
	local before
	before=$(everything)
	typed "leave: $1" 130 occ setup
	is "leave: $1: nothing changed" "$(everything)" "$before"
}

# leave_at PLACE KEY
leave_at() {
	case $1 in
	first) leaves "$2 at the first question" <<<"Choice [1]:	$2" ;;
	name)
		leaves "$2 at the name" <<-END
			Choice [1]:	1
			User name	$2
		END
		;;
	summary)
		leaves "$2 at the summary" <<-END
			Choice [1]:	
			User name	leaving
			Choice [1]:	
			boots	
			2) change	$2
		END
		;;
	advanced)
		leaves "$2 among the advanced settings" <<-END
			Choice [1]:	
			User name	
			Choice [1]:	
			boots	
			2) change	2
			when done:	1
			port to listen on	3999
			when done:	9
			processes	$2
		END
		;;
	esac
}

# leave_everywhere NUMBER - of the choice "type one". Each place and each key, another pair for another number; with OCC_LONG all of them.
leave_everywhere() {
	local places=(first name summary advanced) keys=(q ^C ^D quit) i k
	for i in 0 1 2 3; do
		for k in 0 1 2 3; do
			[ -n "${OCC_LONG:-}" ] || [ "$k" = $((("$i" + $1) % 4)) ] || continue
			leave_at "${places[i]}" "${keys[k]}"
		done
	done
	leaves "Ctrl-C at a password" <<-END
		Choice [1]:	
		User name	
		Choice [	$1
		New password:	Canary-Left-0a1b2c
		again:	^C
	END
	leaves "back and forth, then q" <<-END
		Choice [1]:	b
		first question	2
		User name	b
		Choice [2]:	2
		User name	x
		unseen restarts	
		Address to listen on	10.1.2.3
		Address in the browser	back
		Address to listen on	b
		unseen restarts	b
		User name [x]	b
		Choice [2]:	1
		User name	
		Choice [1]:	b
		User name [x]	q
	END
	like "leave: says so" "$out" "changed +nothing"
}
leave_everywhere 2
