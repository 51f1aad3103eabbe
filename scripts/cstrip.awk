# Blanks comments and the insides of string and character literals, keeping lines
# and columns, so that the gates see code only. A prefix "FILE:LINE:" is put before
# each line with -v prefix=1. Raw enough for C without line-spliced comments.
FNR == 1 { in_comment = 0 }
{
	out = ""
	n = length($0)
	i = 1
	quote = ""
	while (i <= n) {
		c = substr($0, i, 1)
		two = substr($0, i, 2)
		if (in_comment) {
			if (two == "*/") { in_comment = 0; out = out "  "; i += 2; continue }
			out = out (c == "\t" ? c : " ")
		} else if (quote != "") {
			if (c == "\\") { out = out "  "; i += 2; continue }
			if (c == quote) { quote = ""; out = out c } else out = out " "
		} else if (two == "/*") {
			in_comment = 1; out = out "  "; i += 2; continue
		} else if (two == "//") {
			break
		} else {
			# an #include keeps its name
			if ((c == "\"" || c == "'") && $0 !~ /^[ \t]*#[ \t]*include/) quote = c
			out = out c
		}
		i++
	}
	print (prefix ? FILENAME ":" FNR ":" : "") out
}
