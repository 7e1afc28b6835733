// What every end-to-end test needs: the real program in folders of its own, real sockets, real pictures.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs/promises';
import http from 'node:http';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import WebSocket from 'ws';

const here = path.dirname(new URL(import.meta.url).pathname);
export const VIGIL = path.resolve(process.env.VIGIL ?? path.join(here, '../../build/vigil'));
const run = promisify(execFile);

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Calls `look` until it returns something true; fails with `what` after `seconds`. */
export async function eventually(what, look, seconds = 30) {
  const end = Date.now() + seconds * 1000;
  let last;
  for (;;) {
    try {
      last = await look();
      if (last) return last;
    } catch (error) {
      last = error;
    }
    if (Date.now() > end) assert.fail(`${what}: not within ${seconds} s; last: ${last?.stack ?? JSON.stringify(last)}`);
    await sleep(50);
  }
}

export async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/** A place for one server: folders and a port that stay the same over restarts. Removed after the test `t`. */
export async function makeSite(t, env = {}) {
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'vigil-e2e-'));
  const site = {
    folder,
    data: path.join(folder, 'data'),
    cameras: path.join(folder, 'cameras'),
    port: await freePort(),
    server: null,
    log: '',
  };
  await fs.mkdir(site.cameras);
  site.url = `http://127.0.0.1:${site.port}`;
  site.env = {
    PATH: process.env.PATH,
    HOME: folder,
    API_HOST: '127.0.0.1',
    API_PORT: String(site.port),
    DATA_DIR: site.data,
    FOSCAM_BASE_PATH: site.cameras,
    LOG_LEVEL: 'INFO',
    BATCH_WINDOW_SECONDS: '3',
    BATCH_IDLE_TIMEOUT_SECONDS: '0.7',
    ...env,
  };
  t.after(async () => {
    await stop(site, 'SIGKILL');
    site.beforeRemoval?.();
    await fs.rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });
  return site;
}

/** Starts the server of a site and waits until it listens. */
export async function start(site, args = []) {
  const server = spawn(VIGIL, ['serve', ...args], { cwd: site.folder, env: site.env, stdio: ['ignore', 'pipe', 'pipe'] });
  site.server = server;
  server.output = '';
  for (const stream of [server.stdout, server.stderr])
    stream.on('data', (chunk) => {
      server.output += chunk;
      site.log += chunk;
    });
  await eventually(
    'the server listens',
    async () => {
      assert.equal(server.exitCode, null, `vigil ended: ${server.output}`);
      return server.output.includes('is watching') && (await fetch(`${site.url}/health`)).ok;
    },
    20,
  );
  return server;
}

export async function stop(site, signal = 'SIGTERM') {
  const { server } = site;
  site.server = null;
  if (!server || server.exitCode !== null || server.signalCode !== null) return server?.exitCode;
  const gone = once(server, 'exit');
  server.kill(signal);
  await gone;
  return server.exitCode;
}

/** Runs `vigil` with arguments to its end, whatever its status. */
export async function vigil(site, args, extra = {}) {
  try {
    const { stdout, stderr } = await run(VIGIL, args, { cwd: site.folder, env: { ...site.env, ...extra }, timeout: 60000 });
    return { status: 0, stdout, stderr };
  } catch (error) {
    return { status: error.code, stdout: error.stdout, stderr: error.stderr };
  }
}

/** Drawn scenes as a camera's pictures: `count` JPEGs in the order they are to be shown. */
export async function drawPictures(site, count, size = '1280x720') {
  const root = path.join(site.folder, `drawn-${size}-${count}`);
  await fs.mkdir(root, { recursive: true });
  const made = await vigil(site, ['feed', '--root', root, '--camera', 'any', '--count', String(count), '--speed', '10000', '--size', size]);
  assert.equal(made.status, 0, made.stderr);
  const folder = path.join(root, 'any');
  const names = (await fs.readdir(folder)).filter((name) => name.endsWith('.jpg')).sort();
  assert.equal(names.length, count);
  return Promise.all(names.map((name) => fs.readFile(path.join(folder, name))));
}

let serial = 0;

/** The same picture with other bytes: a JPEG comment after the start marker. */
export function retouched(jpeg) {
  const text = Buffer.from(`vigil ${process.pid} ${serial++}`);
  const comment = Buffer.concat([Buffer.from([0xff, 0xfe, 0, text.length + 2]), text]);
  return Buffer.concat([jpeg.subarray(0, 2), comment, jpeg.subarray(2)]);
}

/** Writes a file as a camera's FTP server does: under another name, then renamed. */
export async function drop(site, camera, bytes, name = `MDAlarm_${String(serial++).padStart(6, '0')}.jpg`) {
  const folder = path.join(site.cameras, camera);
  await fs.mkdir(folder, { recursive: true });
  const hidden = path.join(folder, `.${name}.part`);
  await fs.writeFile(hidden, bytes);
  await fs.rename(hidden, path.join(folder, name));
  return path.join(folder, name);
}

export async function getJson(site, where) {
  const response = await fetch(site.url + where);
  assert.equal(response.status, 200, `GET ${where}: ${response.status}`);
  return response.json();
}

export async function publish(site, body) {
  const response = await fetch(`${site.url}/api/realtime/publish`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: await response.json() };
}

/** A client that keeps every frame; `messages` are those with a sequence. */
export async function watch(site, query = '', options = {}) {
  const socket = new WebSocket(`ws://127.0.0.1:${site.port}/ws/events${query}`, options);
  const client = { socket, frames: [], messages: [], closed: null };
  socket.on('message', (bytes) => {
    const frame = JSON.parse(bytes);
    frame.receivedAt = Date.now();
    client.frames.push(frame);
    if (frame.sequence) client.messages.push(frame);
    if (frame.type === 'ping') socket.send('{"type":"pong"}');
  });
  client.done = new Promise((resolve) => socket.on('close', (code, reason) => resolve((client.closed = { code, reason: String(reason) }))));
  socket.on('error', () => {});
  client.until = (what, test, seconds) => eventually(what, () => client.frames.find(test), seconds);
  await eventually('the client is connected', () => client.closed || client.frames.some((frame) => frame.type === 'connected'));
  return client;
}

/** Sends raw bytes and gives back all that comes until the peer closes or `ms` pass. */
export async function raw(site, bytes, ms = 3000) {
  const socket = net.connect(site.port, '127.0.0.1');
  const got = [];
  socket.on('data', (chunk) => got.push(chunk));
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.write(bytes);
  await Promise.race([once(socket, 'close'), sleep(ms)]);
  socket.destroy();
  return Buffer.concat(got);
}

/** GET with full control over the path and headers (fetch normalises `..`). */
export async function request(site, { method = 'GET', path: where, headers = {}, body } = {}) {
  const sent = http.request({ host: '127.0.0.1', port: site.port, method, path: where, headers });
  sent.end(body);
  const [response] = await once(sent, 'response');
  const chunks = [];
  for await (const chunk of response) chunks.push(chunk);
  return { status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) };
}

/** Dense from `first`, in order, each once. */
export function assertDense(messages, first = 1) {
  messages.forEach((message, index) => assert.equal(message.sequence, first + index, `sequence at place ${index}`));
}
