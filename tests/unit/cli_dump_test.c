/* The documents made from the table, line by line; that shells and man understand them is for tests/cli/completion.sh and help.sh. */
#include "tests/t.h"

#include "lib/base/mem.h"
#include "lib/cli/dump.h"
#include "tests/unit/cli_table.h"

static const struct {
	const char *kind;
	const char *parts[10];
} dumps[] = {
	{ "md-commands", {
		"| command | what it does |\n|---|---|\n| **Service** | |\n",
		"| `occ start` | start the service |\n",
		"| `occ exec COMMAND [ARG...]` | run a command |\n",
		"| **Other** | |\n| `occ completion bash\\|zsh\\|fish` | print a script |\n",
	} },
	{ "man", {
		".TH \"OCC\" \"1\" \"\" \"opencode\\-cloud 0.0.1\"",
		".SH NAME\nocc \\- a sample\n",
		".SH \"SERVICE COMMANDS\"\n.SS \"occ start\"\nStart the service.\n",
		"narrow screen.\n.PP\nA second paragraph.\n",
		"\\fB\\-p\\fR, \\fB\\-\\-port\\fR \\fIPORT\\fR\npublish on this port; 1 to 65535\n",
		"only this key: it's [not] \\e easy\n",
		"set a variable; may be repeated\n",
		"occ start \\-\\-port 3001\non another port\n",
		".SH \"EXIT STATUS\"\n.TP\n0\n",
	} },
	{ "bash", {
		"\tKEY) REPLY='server.bind server.port' ;;\n",
		"\t'start'/--port|'start'/-p) REPLY='NONE' ;;\n",
		"\t'start'/--dir|'start'/-d) REPLY='DIR' ;;\n",
		"\t*/--config|*/-c) REPLY='FILE' ;;\n",
		"\t'config set'/1) REPLY='KEY' ;;\n\t'config set'/2) REPLY='NONE' ;;\n",
		"\t'cp'/*) REPLY='FILE' ;;\n",
		"\t'completion'/1) REPLY='=bash zsh fish' ;;\n",
		"\tconfig) REPLY='get set' ;;\n",
		"\t'exec') return 0 ;;\n",
		"complete -F _occ occ opencode-cloud\n",
	} },
	{ "zsh", {
		"#compdef occ opencode-cloud\n",
		"'(-p --port)'{-p+,--port=}'[publish on this port]:PORT: '\n",
		"'*'{-e+,--env=}'[set a variable]:NAME=VALUE: '\n",
		"--only='[only this key\\: it'\\''s \\[not\\] \\\\ easy]:KEY:(server.bind server.port)'\n",
		"'*:FILE:_files'\n",
		"'1:bash|zsh|fish:(bash zsh fish)'\n",
		"_occ_cmd_config() {\n",
		"set) _occ_cmd_config_set && ret=0 ;;\n",
	} },
	{ "fish", {
		"set -g __occ_groups config mount\n",
		"complete -c occ -n __occ_open -s c -l config -r -F -d 'the configuration file'\n",
		"complete -c occ -n '__occ_in \"start\"' -s p -l port -x -d 'publish on this port'\n",
		"-l only -x -a 'server.bind server.port' -d 'only this key: it\\'s [not] \\\\ easy'\n",
		"complete -c occ -n '__occ_at \"config set\" 0 0' -x -a 'server.bind server.port'\n",
		"complete -c occ -n '__occ_at \"cp\" 0 999' -r -F\n",
		"complete -c opencode-cloud -w occ\n",
	} },
};

static const struct {
	const char *metavar;
	enum value_kind kind;
	const char *words;
} values[] = {
	{ "FILE", VALUE_FILE, NULL },
	{ "DIR", VALUE_DIR, NULL },
	{ "NAME", VALUE_NONE, NULL },
	{ "", VALUE_NONE, NULL },
	{ "KEY", VALUE_WORDS, "server.bind server.port" },
	{ "a|b|c", VALUE_WORDS, "a b c" },
	{ "TOPIC", VALUE_WORDS, "completion config cp exec mount start status exit-status" },
};

static const struct {
	const char *args;
	unsigned i;
	const char *want;
} operands[] = {
	{ "", 0, "" },
	{ "KEY VALUE", 0, "KEY" },
	{ "KEY VALUE", 1, "VALUE" },
	{ "KEY VALUE", 2, "" },
	{ "[PORT[:PORT]]", 0, "PORT" },
	{ "PORT[:PORT]", 0, "PORT" },
	{ "PORT[:PORT]", 1, "" },
	{ "DIR:PATH[:ro]", 0, "DIR" },
	{ "COMMAND [ARG...]", 0, "COMMAND" },
	{ "COMMAND [ARG...]", 1, "ARG" },
	{ "COMMAND [ARG...]", 9, "ARG" },
	{ "FILE...", 0, "FILE" },
	{ "FILE...", 3, "FILE" },
	{ "[a|b]", 0, "a|b" },
};

int
main(void)
{
	struct err e = ERR_INIT;

	for (size_t i = 0; i < ARRAY_LEN(dumps); i++) {
		AUTO(buf) struct buf out = BUF_INIT(1 << 20);

		t_row("dump %s", dumps[i].kind);
		T_CALL(cli_dump(&sample, dumps[i].kind, &out, &e));
		for (size_t k = 0; k < ARRAY_LEN(dumps[i].parts) && dumps[i].parts[k]; k++)
			T_HAS(out.p, dumps[i].parts[k]);

		t_row("dump %s into too little room", dumps[i].kind);
		AUTO(buf) struct buf small = BUF_INIT(100);

		T_FAILS(cli_dump(&sample, dumps[i].kind, &small, &e), ERR_TOO_BIG);
	}
	t_row("no such dump");
	AUTO(buf) struct buf out = BUF_INIT(100);

	T_FAILS(cli_dump(&sample, "tcsh", &out, &e), ERR_USAGE);
	for (size_t i = 0; i < ARRAY_LEN(values); i++) {
		AUTO(buf) struct buf words = BUF_INIT(1000);

		t_row("values of %s", values[i].metavar);
		T_EQ(value_kind(&sample, str_of(values[i].metavar)), values[i].kind);
		if (!values[i].words)
			continue;
		value_words(&sample, str_of(values[i].metavar), &words);
		T_STR(words.p, values[i].words);
	}
	for (size_t i = 0; i < ARRAY_LEN(operands); i++) {
		struct cmd cmd = { .name = "x", .args = operands[i].args };

		t_row("operand %u of \"%s\"", operands[i].i, operands[i].args);
		T_VIEW(table_operand(&cmd, operands[i].i), operands[i].want);
	}
	return t_done();
}
