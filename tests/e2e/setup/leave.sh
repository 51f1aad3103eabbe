# leave.sh - sourced by 55-setup.sh: q, Ctrl-C, Ctrl-D and a closed way back leave everything as it was, wherever they are typed.
# shellcheck shell=bash disable=SC2154

# leaves NAME - the script on standard input ends with leaving
leaves() {
	local before
	before=$(everything)
	typed "leave: $1" 130 occ setup
	is "leave: $1: nothing changed" "$(everything)" "$before"
}

leave_everywhere() {
	local key
	for key in q quit ^C ^D; do
		leaves "$key at the first question" <<-END
			Choice [1]:	$key
		END
		leaves "$key at the name" <<-END
			Choice [1]:	1
			User name	$key
		END
		leaves "$key at the summary" <<-END
			Choice [1]:	
			User name	leaving
			Choice [1]:	
			boots	
			2) change	$key
		END
		leaves "$key among the advanced settings" <<-END
			Choice [1]:	
			User name	
			Choice [1]:	
			boots	
			2) change	2
			when done:	1
			port to listen on	3999
			when done:	9
			processes	$key
		END
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
		Address to listen on	10.1.2.3
		Address in the browser	back
		Address to listen on	b
		User name [x]	b
		Choice [2]:	1
		User name	
		Choice [1]:	b
		User name [x]	q
	END
	like "leave: says so" "$out" "changed +nothing"
}
leave_everywhere 2
