// Reads the records of tests/e2e/driver/http_forward with Node's own HTTP server: a line each, "HASH" or "- REASON".
'use strict';
const crypto = require('crypto');
const fs = require('fs');
const http = require('http');
const { Duplex } = require('stream');

let tell = null;	// of the record that is being read
const server = http.createServer({ maxHeaderSize: 65536, keepAliveTimeout: 0 }, (request, response) => {
	const mine = tell, body = [];
	request.on('data', (part) => body.push(part));
	request.on('end', () => {
		const lines = [request.method, request.url];
		for (let i = 0; i < request.rawHeaders.length; i += 2)
			lines.push(`${request.rawHeaders[i]}:${request.rawHeaders[i + 1]}`);
		mine.hash.update(Buffer.from(lines.join('\n') + '\n\n', 'latin1'));
		mine.hash.update(Buffer.concat(body)).update('\n');
		response.end();
	});
});
server.on('clientError', (error, socket) => {
	tell.refusal = error.code;
	socket.destroy();
});

const read = (data) => new Promise((done) => {
	const mine = tell = { hash: crypto.createHash('sha256'), refusal: null };
	const socket = new Duplex({ read() {}, write(part, encoding, next) { next(); } });
	socket.setTimeout = socket.setNoDelay = socket.setKeepAlive = () => socket;
	socket.on('close', () => done(mine.refusal ? `- ${mine.refusal}` : mine.hash.digest('hex')));
	server.emit('connection', socket);
	socket.push(data);
	socket.push(null);
});

(async () => {
	const all = fs.readFileSync(process.argv[2]), out = [];
	for (let at = 0; at < all.length && all[at] !== 0x23;) {
		const end = all.indexOf(0x0a, at), n = parseInt(all.toString('latin1', at, end), 10);
		out.push(await read(all.subarray(end + 1, end + 1 + n)));
		at = end + 1 + n;
	}
	fs.writeSync(1, out.join('\n') + '\n');
})();
