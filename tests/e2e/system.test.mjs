// The whole program on its defaults: what a user does, what goes wrong, and what must survive it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import {
  assertDense, drawPictures, drop, eventually, getJson, makeSite, publish, raw, request, retouched, sleep, start, stop, vigil, watch,
} from './support.mjs';

const sum = (counts) => Object.values(counts).reduce((a, b) => a + b, 0);
const files = async (site) => (await getJson(site, '/api/intake/refused')).counts;

async function settled(site, expected, seconds = 60) {
  return eventually(
    `${expected} files have their outcome`,
    async () => {
      const counts = await files(site);
      return sum(counts) === expected && counts.queued === 0 && counts;
    },
    seconds,
  );
}

test('a picture dropped into a folder becomes an explained event', async (t) => {
  const site = await makeSite(t);
  await start(site);
  assert.match(site.server.output, /dashboard +http:\/\/127\.0\.0\.1/);
  assert.match(site.server.output, /pictures/);
  const client = await watch(site);
  const pictures = await drawPictures(site, 14);
  for (const picture of pictures) {
    await drop(site, 'Front Door', picture);
    await sleep(150);
  }
  const seen = await client.until('detection.new', (frame) => frame.type === 'detection.new');
  assert.equal(seen.data.camera_id, 'front_door');
  assert.ok(seen.data.bbox.x >= 0 && seen.data.bbox.x + seen.data.bbox.width <= 1.0001);
  const batch = await client.until('detection.batch', (frame) => frame.type === 'detection.batch');
  assert.ok(['idle', 'timeout', 'max_size'].includes(batch.data.close_reason));
  const event = await client.until('event', (frame) => frame.type === 'event');
  assert.equal(event.data.camera_name, 'Front Door');
  assert.ok(event.data.risk_score >= 0 && event.data.risk_score <= 100);
  const points = event.data.factors.reduce((total, factor) => total + factor.points, 0);
  assert.equal(Math.max(0, Math.min(100, points)), event.data.risk_score, 'the factors add up');
  for (const factor of event.data.factors) assert.ok(event.data.reasoning.includes(factor.detail), factor.detail);

  const stored = await getJson(site, `/api/events/${event.data.id}`);
  assert.equal(stored.summary, event.data.summary);
  assert.deepEqual(stored.detection_ids, event.data.detection_ids);
  const picture = await fetch(site.url + stored.thumbnail_url);
  assert.equal(picture.headers.get('content-type'), 'image/jpeg');
  assert.ok((await picture.arrayBuffer()).byteLength > 1000);
  assert.equal(sum(await settled(site, pictures.length)), pictures.length);
  assertDense(client.messages);
});

test('it says clearly why it does not start', async (t) => {
  const site = await makeSite(t);
  const bad = await vigil(site, ['serve'], { BATCH_WINDOW_SECONDS: 'soon', API_PORT: '70000' });
  assert.equal(bad.status, 2);
  assert.match(bad.stderr, /BATCH_WINDOW_SECONDS=soon is not allowed: a number from/);
  assert.match(bad.stderr, /API_PORT=70000 is not allowed: a whole number from 0 to 65535/);

  await start(site);
  const twice = await vigil(site, ['serve'], { DATA_DIR: path.join(site.folder, 'other') });
  assert.equal(twice.status, 1);
  assert.match(twice.stderr, new RegExp(`port ${site.port} is in use`));
  const same = await vigil(site, ['serve'], { API_PORT: '0' });
  assert.equal(same.status, 1);
  assert.match(same.stderr, /another process \(\d+\) has this database open/);
  assert.equal(await stop(site), 0, 'SIGTERM ends it cleanly');
});

test('a slip in a name and a name without effect are warned about', async (t) => {
  const site = await makeSite(t, { BATCH_WINDOW_SECOND: '5', VIGIL_TURBO: '1', DATABASE_URL: 'postgresql://nowhere/x' });
  await start(site);
  assert.match(site.log, /BATCH_WINDOW_SECOND.*did you mean BATCH_WINDOW_SECONDS/);
  assert.match(site.log, /VIGIL_TURBO/);
  assert.match(site.log, /DATABASE_URL/);
});

test('bad files are named, counted, and disturb nobody', async (t) => {
  const site = await makeSite(t);
  await start(site);
  const [good, other] = await drawPictures(site, 2);
  const bad = {
    'empty.jpg': Buffer.alloc(0),
    'truncated.jpg': good.subarray(0, good.length / 2),
    'text.jpg': Buffer.from('not a picture at all\n'.repeat(2000)),
    'lying.jpg': hugeJpegHeader(),
    'renamed.png': Buffer.from('%PDF-1.7\n' + 'x'.repeat(20000)),
  };
  for (const [name, bytes] of Object.entries(bad)) await drop(site, 'porch', bytes, name);
  await fs.mkdir(path.join(site.cameras, 'porch', 'folder.jpg'));
  await drop(site, 'porch', good, 'right.png');
  await drop(site, 'porch', other, 'right.jpg');
  const counts = await settled(site, Object.keys(bad).length + 2);
  assert.equal(counts.refused, Object.keys(bad).length);
  const { items } = await getJson(site, '/api/intake/refused');
  const reasons = Object.fromEntries(items.map((item) => [path.basename(item.file), item.reason]));
  assert.equal(reasons['empty.jpg'], 'empty');
  assert.equal(reasons['truncated.jpg'], 'truncated');
  assert.equal(reasons['lying.jpg'], 'too_many_pixels');
  assert.ok(reasons['text.jpg'] && reasons['renamed.png']);
  for (const name of Object.keys(bad)) assert.equal(site.log.split('\n').filter((line) => line.includes(name)).length, 1, `one line for ${name}`);
});

/** A JPEG whose header promises 60,000 x 60,000 pixels. */
function hugeJpegHeader() {
  const frame = [0xff, 0xc0, 0, 17, 8, 0xea, 0x60, 0xea, 0x60, 3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1];
  return Buffer.concat([Buffer.from([0xff, 0xd8, ...frame, 0xff, 0xda, 0, 12, 3, 1, 0, 2, 0x11, 3, 0x11, 0, 63, 0]), Buffer.alloc(20000)]);
}

test('a camera folder that vanishes is an error, and is well again when it returns', async (t) => {
  const site = await makeSite(t);
  await start(site);
  const client = await watch(site);
  const [first, second] = await drawPictures(site, 2);
  await drop(site, 'garden', first);
  await settled(site, 1);
  await fs.rename(path.join(site.cameras, 'garden'), path.join(site.folder, 'away'));
  const gone = await client.until('camera error', (frame) => frame.type === 'camera_status' && frame.data.status === 'error');
  assert.equal(gone.data.camera_id, 'garden');
  assert.equal((await getJson(site, '/api/cameras/garden')).status, 'error');
  await fs.rename(path.join(site.folder, 'away'), path.join(site.cameras, 'garden'));
  await client.until('camera online', (frame) => frame.type === 'camera_status' && frame.data.status === 'online' && frame.sequence > gone.sequence);
  await drop(site, 'garden', second);
  await settled(site, 2);
});

test('kill -9 at any moment: nothing acknowledged is missing, nothing is doubled', async (t) => {
  const site = await makeSite(t, { BATCH_IDLE_TIMEOUT_SECONDS: '0.3', BATCH_WINDOW_SECONDS: '1', REPLAY_MAX: '100000' });
  const pictures = await drawPictures(site, 24);
  const acknowledged = new Map();
  let epoch;
  let dropped = 0;
  let given = 0;
  for (let round = 0; round < 8; round++) {
    await start(site);
    const end = Date.now() + 400 + Math.random() * 1200;
    const publishing = (async () => {
      while (Date.now() < end) {
        const marks = [given++, given++, given++];
        const answer = await publish(site, marks.map((mark) => ({ type: 'test.mark', data: { mark } }))).catch(() => null);
        if (!answer) return;
        assert.equal(answer.status, 200);
        epoch ??= answer.body.epoch;
        assert.equal(answer.body.epoch, epoch, 'the epoch stays');
        marks.forEach((mark, index) => acknowledged.set(mark, answer.body.first_sequence + index));
        await sleep(3);
      }
    })();
    while (Date.now() < end) {
      await drop(site, `cam${dropped % 3}`, retouched(pictures[dropped % pictures.length]));
      dropped++;
      await sleep(60);
    }
    await stop(site, 'SIGKILL');
    await publishing;
  }
  assert.ok(acknowledged.size > 50, 'the test published');
  await start(site);
  const counts = await settled(site, dropped, 120);
  assert.equal(counts.failed, 0);
  await sleep(1500); /* the last batches close */

  const client = await watch(site, `?resume=${epoch}~0`);
  const { last_sequence: last } = client.frames.find((frame) => frame.type === 'connected');
  await eventually('the whole journal is replayed', () => client.messages.length >= last, 60);
  assertDense(client.messages);
  const marks = new Map();
  for (const message of client.messages.filter((item) => item.type === 'test.mark')) {
    assert.ok(!marks.has(message.data.mark), `mark ${message.data.mark} only once`);
    marks.set(message.data.mark, message.sequence);
  }
  for (const [mark, sequence] of acknowledged) assert.equal(marks.get(mark), sequence, `mark ${mark}`);

  const told = client.messages.filter((message) => message.type === 'event').map((message) => message.data);
  assert.ok(told.length > 0);
  assert.equal(new Set(told.map((event) => event.batch_id)).size, told.length, 'one event per batch');
  const { items } = await getJson(site, '/api/events?limit=100');
  assert.deepEqual(items.map((event) => event.id).sort((a, b) => a - b), told.map((event) => event.id).sort((a, b) => a - b));
  const inEvents = told.flatMap((event) => event.detection_ids);
  assert.equal(new Set(inEvents).size, inEvents.length, 'a detection is in one event');
  const detected = client.messages.filter((message) => message.type === 'detection.new').map((message) => message.data.detection_id);
  assert.deepEqual([...inEvents].sort((a, b) => a - b), [...detected].sort((a, b) => a - b), 'every detection is in an event');
});

test('pictures that came while it was down are found', async (t) => {
  const site = await makeSite(t);
  const pictures = await drawPictures(site, 4);
  await start(site);
  await drop(site, 'porch', pictures[0]);
  await settled(site, 1);
  await stop(site, 'SIGKILL');
  for (const picture of pictures.slice(1)) await drop(site, 'porch', picture);
  await start(site);
  await settled(site, 4);
});

test('a full disk: jobs wait, health says so, nothing acknowledged is lost', { skip: process.getuid() !== 0 && 'needs root to mount' }, async (t) => {
  const site = await makeSite(t);
  await fs.mkdir(site.data);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=12m', 'tmpfs', site.data]);
  site.beforeRemoval = () => execFileSync('umount', ['-l', site.data]);
  const pictures = await drawPictures(site, 6);
  await start(site);
  await drop(site, 'porch', pictures[0]);
  await settled(site, 1);
  const before = await publish(site, { type: 'test.before', data: {} });
  assert.equal(before.status, 200);

  await fill(path.join(site.data, 'ballast'));
  await eventually('publishing is refused', async () => (await publish(site, { type: 'test.full', data: { pad: 'x'.repeat(60000) } })).status === 503);
  for (const picture of pictures.slice(1)) await drop(site, 'porch', picture);
  const health = await eventually('health says so', async () => {
    const response = await fetch(`${site.url}/api/system/health`);
    return response.status === 503 && response.json();
  });
  assert.notEqual(health.status, 'healthy');

  await fs.rm(path.join(site.data, 'ballast'));
  await settled(site, pictures.length, 90);
  await eventually('health is well again', async () => (await fetch(`${site.url}/api/system/health`)).ok);
  const client = await watch(site, `?resume=${before.body.epoch}~${before.body.last_sequence - 1}`);
  await client.until('what was acknowledged before', (frame) => frame.type === 'test.before');
  assert.equal((await publish(site, { type: 'test.after', data: {} })).status, 200);
});

async function fill(file) {
  const handle = await fs.open(file, 'w');
  for (const size of [1 << 20, 1 << 12, 1 << 9]) {
    for (;;) {
      const written = await handle.write(Buffer.alloc(size, 1)).catch(() => null);
      if (!written || written.bytesWritten < size) break;
    }
  }
  await handle.close().catch(() => {});
}

test('a client that resumes gets exactly what it missed', async (t) => {
  const site = await makeSite(t);
  await start(site);
  const first = await watch(site);
  await publish(site, Array.from({ length: 50 }, (_, n) => ({ type: 'test.mark', data: { n } })));
  await eventually('fifty messages', () => first.messages.length === 50);
  const { epoch } = first.messages.at(-1);
  await stop(site, 'SIGKILL');
  await start(site);
  await publish(site, Array.from({ length: 300 }, (_, n) => ({ type: 'test.mark', data: { n: 50 + n } })));
  const second = await watch(site, `?resume=${epoch}~50`);
  await eventually('the rest', () => second.messages.length === 300);
  assertDense(second.messages, 51);
  assert.deepEqual(second.messages.map((message) => message.data.n), Array.from({ length: 300 }, (_, n) => 50 + n));
  await publish(site, { type: 'test.live', data: {} });
  await second.until('live goes on', (frame) => frame.type === 'test.live' && frame.sequence === 351 && !frame.replay);

  first.socket.terminate();
  second.socket.send(JSON.stringify({ type: 'resync', data: { channel: 'events', last_sequence: 340 } }));
  const answer = await second.until('resync_ack', (frame) => frame.type === 'resync_ack' && frame.last_sequence === 340);
  assert.equal(answer.replayed_count, 11);
  await eventually('replayed frames', () => second.frames.filter((frame) => frame.replay && frame.sequence > 340).length >= 11);
  second.socket.close();
});

test('tail prints what happened and what happens', async (t) => {
  const site = await makeSite(t);
  await start(site);
  await publish(site, [1, 2, 3].map((n) => ({ type: 'test.mark', data: { n } })));
  const past = await vigil(site, ['tail', '--since', 'start', '--json', '--count', '3']);
  assert.equal(past.status, 0, past.stderr);
  const lines = past.stdout.trim().split('\n').map((line) => JSON.parse(line));
  assert.deepEqual(lines.map((line) => line.data.n), [1, 2, 3]);
});

test('what is not HTTP, and what is not WebSocket, is answered and closed', async (t) => {
  const site = await makeSite(t);
  await start(site);
  const first = async (bytes) => (await raw(site, bytes)).toString('latin1').split('\r\n')[0];
  assert.match(await first('NONSENSE\r\n\r\n'), /^HTTP\/1\.1 400/);
  assert.match(await first('GET / HTTP/1.1\r\nHost: a\r\nX: ' + 'a'.repeat(70000) + '\r\n\r\n'), /^HTTP\/1\.1 431/);
  assert.match(await first('GET /' + 'a'.repeat(20000) + ' HTTP/1.1\r\nHost: a\r\n\r\n'), /^HTTP\/1\.1 414/);
  assert.match(await first('POST /api/cameras HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 999999999\r\n\r\n'), /^HTTP\/1\.1 413/);
  assert.match(await first('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'), /^HTTP\/1\.1 400/);
  assert.equal((await request(site, { path: '/ws/events' })).status, 426);
  const unmasked = Buffer.concat([
    Buffer.from('GET /ws/events HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n'),
    Buffer.from([0x81, 0x02, 0x68, 0x69]),
  ]);
  const answer = await raw(site, unmasked);
  assert.match(answer.toString('latin1'), /s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=/);
  assert.ok(answer.includes(Buffer.from([0x88])) && answer.subarray(-200).includes(Buffer.from([0x03, 0xea])), 'closed with 1002');
  const other = await watch(site, '', { origin: 'http://evil.example' });
  assert.equal((await other.done).code, 1008);
  const { body } = await request(site, { path: '/api/media/thumbnails/..%2f..%2fvigil.db' });
  assert.ok(!body.includes('SQLite format'));
  const json = await fetch(`${site.url}/api/cameras`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{"name":' });
  assert.equal(json.status, 422);
  assert.equal((await json.json()).error.code, 'VALIDATION_ERROR');
});

test('a hundred clients hear every message, once and in order', async (t) => {
  const site = await makeSite(t);
  await start(site);
  const clients = await Promise.all(Array.from({ length: 100 }, () => watch(site)));
  for (let n = 0; n < 20; n++) await publish(site, [{ type: 'test.mark', data: { n } }]);
  await eventually('all have all', () => clients.every((client) => client.messages.length === 20));
  for (const client of clients) {
    assertDense(client.messages);
    client.socket.terminate();
  }
});

test('serve --demo brings an event within 20 seconds', async (t) => {
  const site = await makeSite(t);
  delete site.env.BATCH_WINDOW_SECONDS;
  delete site.env.BATCH_IDLE_TIMEOUT_SECONDS;
  await start(site, ['--demo']);
  await eventually('the first event', async () => (await getJson(site, '/api/events')).items.length > 0, 30);
});

test('a second start listens within three seconds', async (t) => {
  const site = await makeSite(t);
  const started = Date.now();
  await start(site);
  assert.ok(Date.now() - started < 3000);
});
