// relay.mjs - a server's listener that brings each connection, byte for byte, to another place.
import { connect } from "node:net";

/** TARGET is as net.connect takes it. What ends on one side ends on the other. */
export function relay(target) {
	return (client) => {
		const server = connect({ ...target, noDelay: true });
		client.setNoDelay(true);
		client.pipe(server).pipe(client);
		client.on("error", () => server.destroy());
		server.on("error", () => client.destroy());
		client.on("close", () => server.destroy());
		server.on("close", () => client.destroy());
	};
}
