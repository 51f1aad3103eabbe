// Behind all of them: events that carry the time of their leaving, and WebSocket echo. Says "listening PORT".
const http = require("http");
const crypto = require("crypto");

const streams = new Set();

function events(req, res) {
  res.writeHead(200, { "Content-Type": "text/event-stream" });
  res.write("data: first\n\n");
  streams.add(res);
  res.on("close", () => streams.delete(res));
}

const routes = {
  "/events": events,
  "/push": (req, res) => {
    for (const s of streams) s.write(`data: ${process.hrtime.bigint()}\n\n`);
    res.end(`${streams.size}`);
  },
};

const server = http.createServer((req, res) => routes[req.url](req, res));
server.keepAliveTimeout = 600000;
server.requestTimeout = 0;
server.on("upgrade", (req, sock) => {
  const accept = crypto.createHash("sha1").update(req.headers["sec-websocket-key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest("base64");
  sock.setNoDelay(true);
  sock.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`);
  // Short masked text frames, whole ones: what the bench sends.
  sock.on("data", (b) => {
    const n = b[1] & 127;
    const out = Buffer.alloc(2 + n);
    out[0] = b[0];
    out[1] = n;
    for (let i = 0; i < n; i++) out[2 + i] = b[6 + i] ^ b[2 + (i % 4)];
    if ((b[0] & 15) === 9) out[0] = 0x8a;
    sock.write(out);
  });
  sock.on("error", () => {});
});
server.listen(0, "127.0.0.1", 4096, () => console.log(`listening ${server.address().port}`));
