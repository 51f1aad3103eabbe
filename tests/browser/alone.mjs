// alone.mjs ARGUMENT... - runs OCC_CHROMIUM, or Debian's, with these arguments, and brings 127.0.0.1:OCC_ALONE_PORT of this network to the socket OCC_ALONE_SOCKET,
// behind which somebody who is in the other network goes on to the real port. Chromium's descriptors are ours, with the two by which it is driven.
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { createServer } from "node:net";

import { relay } from "./relay.mjs";

const { OCC_ALONE_PORT, OCC_ALONE_SOCKET, OCC_CHROMIUM = "/usr/bin/chromium" } = process.env;

createServer(relay({ path: OCC_ALONE_SOCKET })).listen(Number(OCC_ALONE_PORT), "127.0.0.1", () => {
	const browser = spawn(OCC_CHROMIUM, process.argv.slice(2), { stdio: ["inherit", "inherit", "inherit", 3, 4] });
	for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(name, () => browser.kill(name));
	browser.on("error", (error) => {
		console.error(`alone: ${error.message}`);
		process.exit(127);
	});
	browser.on("exit", (code, name) => process.exit(code ?? 128 + constants.signals[name]));
});
