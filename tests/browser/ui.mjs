// ui.mjs URL USER OUT.png [DIRECTORY] - drives opencode's real web UI in Chromium, as a person would; see ./run.
//
// Opens the session page of a directory, sends a message, opens the terminal and types a command in it. What the
// terminal shows is drawn on a canvas, so it is read where it comes from: the frames of its WebSocket. The screenshot
// is for people; the command leaves ~/workspace/id.txt as well, for a caller who looks from the other side.
//
// The password comes in OCC_PASSWORD, never in argv. One line of JSON on stdout tells what was seen; exit 0 only if all
// of it was. OCC_CHROMIUM: another browser. OCC_INSECURE=1: accept a certificate of a private authority. OCC_LOGIN=page: the
// password goes into a login page, which has to come first, instead of HTTP's own dialogue. OCC_MBIT: the line is so slow. What the first load of the
// page took, in bytes and milliseconds, is told as first_load. OCC_SILENCE_S: the terminal is left alone for so many seconds, and has to be the same
// one after it. OCC_RESTART: a command that restarts opencode; the page has to go on after it, without being loaded again.
import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { relay } from "./relay.mjs";

const { chromium } = createRequire(join(process.env.OCC_BROWSER_MODULES, "x.js"))("playwright-core");

const STEP_MS = 90_000;
const IDLE_MS = 500;
const PRESS_AGAIN_MS = 5_000;
const [url, user, out, directory = "/home/opencode/workspace"] = process.argv.slice(2);
const MESSAGE = process.env.OCC_MESSAGE ?? "hello from the browser test";
const EXPECT = process.env.OCC_EXPECT ?? "uid=1000(opencode)";

/** Collects all that terminals send, with the terminal's control sequences taken out. */
function watchTerminals(page) {
	const seen = { text: "", lives: [] };
	page.on("websocket", (socket) => {
		if (!/\/pty\/[^/]+\/connect/.test(new URL(socket.url()).pathname)) return;
		const life = { opened: new Date().toISOString() };
		seen.lives.push(life);
		socket.on("socketerror", (error) => {
			life.error = String(error);
		});
		socket.on("framereceived", ({ payload }) => {
			seen.text += payload.toString("utf8");
		});
		socket.on("close", () => {
			life.closed = new Date().toISOString();
		});
	});
	seen.isOpen = () => seen.lives.some((life) => !life.closed);
	seen.plain = () => seen.text.replace(/\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(\x07|\x1b\\)/g, "");
	return seen;
}

/** Waits for a condition, and says which one it was that never came true. */
async function until(what, condition) {
	const due = Date.now() + STEP_MS;
	for (;;) {
		const value = await condition();
		if (value) return value;
		if (Date.now() > due) throw new Error(`not within ${STEP_MS / 1000} s: ${what}`);
		await new Promise((resolve) => setTimeout(resolve, 50));
	}
}

/** Knows whether the page is still loading: an event stream stays open for ever and does not count. */
function watchRequests(page) {
	const seen = { pending: 0, last_ms: Date.now(), creates: 0, streams: 0 };
	page.on("response", (response) => {
		if (!counts(response.request()) && response.status() === 200) seen.streams++;
	});
	const counts = (request) => !new URL(request.url()).pathname.endsWith("/event");
	const ended = (request) => {
		if (!counts(request)) return;
		seen.pending--;
		seen.last_ms = Date.now();
	};
	page.on("request", (request) => {
		if (!counts(request)) return;
		seen.pending++;
		if (request.method() === "POST" && new URL(request.url()).pathname === "/session") seen.creates++;
	});
	page.on("requestfinished", ended);
	page.on("requestfailed", ended);
	seen.idle = () => seen.pending === 0 && Date.now() - seen.last_ms > IDLE_MS;
	return seen;
}

/** What has come over the line, as Chromium counts it: heads and bodies as they were sent. */
async function watchLine(context, page) {
	const line = { bytes: 0, began_ms: Date.now() };
	const cdp = await context.newCDPSession(page);
	cdp.on("Network.loadingFinished", ({ encodedDataLength }) => {
		line.bytes += encodedDataLength;
	});
	await cdp.send("Network.enable");
	if (process.env.OCC_MBIT) {
		const throughput = (Number(process.env.OCC_MBIT) * 1e6) / 8;
		await cdp.send("Network.emulateNetworkConditions", { offline: false, latency: 20, downloadThroughput: throughput, uploadThroughput: throughput });
	}
	line.told = () => ({ bytes: line.bytes, ms: Date.now() - line.began_ms - IDLE_MS });
	return line;
}

// Enter before the page knows its project is lost, and pressed twice it makes two sessions: so it is pressed when the
// page has come to rest, and again only if that made no request at all.
async function sendMessage(page, requests, line, seen) {
	const box = page.locator('[contenteditable="true"], textarea').first();
	await box.waitFor({ state: "visible", timeout: STEP_MS });
	await until("the page at rest", requests.idle);
	seen.first_load = line.told();
	await box.click();
	await page.keyboard.type(MESSAGE);
	let pressed_ms = 0;
	seen.session = await until("a session in the address", async () => {
		if (requests.creates === 0 && Date.now() - pressed_ms > PRESS_AGAIN_MS) {
			pressed_ms = Date.now();
			await page.keyboard.press("Enter");
		}
		return page.url().match(/\/session\/(ses[^/?#]*)/)?.[1];
	});
	await page.getByText(MESSAGE).first().waitFor({ state: "visible", timeout: STEP_MS });
	await until("the session's page at rest", requests.idle);
}

async function useTerminal(page, terminals, seen) {
	await page.keyboard.press("Control+`");
	await until("the terminal's WebSocket", terminals.isOpen);
	await until("the shell's prompt", () => /[$#]\s*$/.test(terminals.plain()));
	await page.keyboard.type("id | tee ~/workspace/id.txt");
	await page.keyboard.press("Enter");
	await until(`${EXPECT} in the terminal`, () => terminals.plain().includes(EXPECT));
	seen.terminal = terminals.plain().split(/\r?\n/).find((line) => line.includes(EXPECT)).trim();
}

/** Nobody says anything for a while, and then the same shell answers, through the same connection. */
async function beSilent(page, terminals, seconds) {
	const before = terminals.lives.length;
	await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
	await page.keyboard.type("echo still $((40 + 2))");
	await page.keyboard.press("Enter");
	await until("the terminal's answer after a silence", () => terminals.plain().includes("still 42"));
	if (terminals.lives.length !== before) throw new Error(`the terminal was connected ${terminals.lives.length - before} times more`);
}

/** opencode is another one, and the page the same: what is said next is there, and opencode has it. */
async function outliveRestart(page, requests, seen) {
	const loads = seen.loads, streams = requests.streams;
	await new Promise((resolve, reject) => {
		execFile("sh", ["-c", process.env.OCC_RESTART], (error, out, err) => (error ? reject(new Error(`OCC_RESTART: ${err || out}`)) : resolve()));
	});
	// What it shows comes by the stream of events, which it opens again by itself.
	await until("a new stream of events", () => requests.streams > streams);
	await until("the page at rest after the restart", requests.idle);
	const box = page.locator('[contenteditable="true"], textarea').first();
	const taken = page.waitForResponse((r) => r.request().method() === "POST" && /\/session\/[^/]+\/(message|prompt)/.test(new URL(r.url()).pathname), { timeout: STEP_MS });
	await box.click();
	await page.keyboard.type(`${MESSAGE}, again`);
	await page.keyboard.press("Enter");
	seen.after_restart = (await taken).status();
	await page.getByText(`${MESSAGE}, again`).first().waitFor({ state: "visible", timeout: STEP_MS });
	if (seen.after_restart >= 300) throw new Error(`the message after the restart was answered ${seen.after_restart}`);
	if (seen.loads !== loads) throw new Error("the page was loaded again");
}

/** Fills the edge's login page in; answers what came behind it. */
async function logIn(page, first) {
	if (first.status() !== 401) throw new Error(`no login page: the page answered ${first.status()}`);
	await page.fill("input[name=user]", user);
	await page.fill("input[name=password]", process.env.OCC_PASSWORD ?? "");
	const [response] = await Promise.all([page.waitForNavigation({ timeout: STEP_MS }), page.keyboard.press("Enter")]);
	return response;
}

async function visit(browser, seen) {
	const has_page = process.env.OCC_LOGIN === "page";
	const context = await browser.newContext({
		httpCredentials: has_page ? undefined : { username: user, password: process.env.OCC_PASSWORD ?? "" },
		ignoreHTTPSErrors: process.env.OCC_INSECURE === "1",
		viewport: { width: 1280, height: 900 },
	});
	const page = await context.newPage();
	const terminals = watchTerminals(page);
	const requests = watchRequests(page);
	page.on("load", () => seen.loads++);
	page.on("pageerror", (error) => seen.errors.push(String(error.message)));
	page.on("response", (response) => {
		if (response.status() >= 500) seen.errors.push(`${response.status()} ${new URL(response.url()).pathname}`);
	});
	try {
		const line = await watchLine(context, page);
		const place = Buffer.from(directory).toString("base64url");
		let response = await page.goto(`${url.replace(/\/$/, "")}/${place}/session`, { timeout: STEP_MS });
		if (has_page) response = await logIn(page, response);
		seen.status = response.status();
		if (seen.status !== 200) throw new Error(`the page answered ${seen.status}`);
		await sendMessage(page, requests, line, seen);
		await useTerminal(page, terminals, seen);
		if (process.env.OCC_SILENCE_S) await beSilent(page, terminals, Number(process.env.OCC_SILENCE_S));
		if (process.env.OCC_RESTART) await outliveRestart(page, requests, seen);
		seen.title = await page.title();
	} finally {
		seen.terminals = terminals.lives;
		await page.screenshot({ path: out }).catch((error) => seen.errors.push(`screenshot: ${error.message.split("\n")[0]}`));
	}
}

if (!url || !user || !out) {
	console.error("usage: OCC_PASSWORD=... tests/browser/run URL USER OUT.png [DIRECTORY]");
	process.exit(2);
}
const seen = { ok: false, loads: 0, errors: [] };
const profile = mkdtempSync(join(tmpdir(), "occ-browser-"));
const target = new URL(url);
const port = Number(target.port || (target.protocol === "https:" ? 443 : 80));
const socket = join(profile, "socket");
const outside = createServer(relay({ host: target.hostname, port }));
await new Promise((resolve) => outside.listen(socket, resolve));
const browser = await chromium.launch({
	executablePath: fileURLToPath(new URL("alone", import.meta.url)),
	args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
		"--disable-component-update", "--disable-sync"],
	env: { ...process.env, HOME: profile, OCC_PASSWORD: "", OCC_ALONE_PORT: String(port), OCC_ALONE_SOCKET: socket },
});
try {
	await visit(browser, seen);
	seen.ok = true;
} catch (error) {
	seen.failure = String(error.message).split("\n")[0];
} finally {
	await browser.close();
	outside.close();
	rmSync(profile, { recursive: true, force: true });
}
console.log(JSON.stringify(seen));
process.exitCode = seen.ok ? 0 : 1;
