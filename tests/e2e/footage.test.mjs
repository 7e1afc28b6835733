// Real footage from end to end: a fixed outdoor camera, fed at two pictures a second.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import { eventually, getJson, makeSite, start, vigil } from './support.mjs';

const PICTURES = 80;
const INSIDE = 0.7; /* of a walker's area, in what the boxes cover together */
const root = new URL('../../', import.meta.url);

async function allDetections(site) {
  const found = [];
  for (let cursor = ''; ; ) {
    const { items, pagination } = await getJson(site, `/api/detections?limit=100${cursor}`);
    found.push(...items);
    if (!pagination.next_cursor) return found;
    cursor = `&cursor=${encodeURIComponent(pagination.next_cursor)}`;
  }
}

/** Share of the rectangle that the boxes cover, counted in pixels. */
function covered([x, y, width, height], boxes) {
  let inside = 0;
  for (let row = y; row < y + height; row++)
    for (let column = x; column < x + width; column++)
      if (boxes.some((box) => column >= box.bbox_x && column < box.bbox_x + box.bbox_width && row >= box.bbox_y && row < box.bbox_y + box.bbox_height)) inside++;
  return inside / (width * height);
}

test('walkers on real footage lie in motion boxes, and events arise', async (t) => {
  const site = await makeSite(t, { BATCH_WINDOW_SECONDS: '15', BATCH_IDLE_TIMEOUT_SECONDS: '3' });
  const source = execFileSync(new URL('tools/footage.sh', root).pathname, [site.folder], { encoding: 'utf8' }).trim();
  await start(site);
  const fed = await vigil(site, ['feed', source, '--root', site.cameras, '--camera', 'path', '--interval', '0.5', '--count', String(PICTURES)]);
  assert.equal(fed.status, 0, fed.stderr);
  await eventually('all pictures are examined', async () => {
    const { counts } = await getJson(site, '/api/intake/refused');
    return counts.queued === 0 && counts.detected + counts.nothing === PICTURES;
  });
  await eventually('events arise', async () => (await getJson(site, '/api/events')).items.length >= 2);

  const names = (await fs.readdir(path.join(site.cameras, 'path'))).sort();
  const byPicture = new Map(names.map((name) => [name, []]));
  for (const detection of await allDetections(site)) byPicture.get(path.basename(detection.file_path)).push(detection);
  const { frames } = JSON.parse(await fs.readFile(new URL('tests/data/vtest_walkers.json', root)));
  let marked = 0;
  const missed = [];
  const shares = [];
  for (const { seconds, walkers } of frames.filter((frame) => frame.seconds * 2 < PICTURES)) {
    const boxes = byPicture.get(names[seconds * 2]);
    shares.push(covered([0, 0, 768, 576], boxes));
    for (const person of walkers) {
      marked++;
      if (covered(person, boxes) < INSIDE) missed.push(`at ${seconds} s: ${person}`);
    }
  }
  const share = shares.reduce((a, b) => a + b) / shares.length;
  t.diagnostic(`${marked - missed.length} of ${marked} walkers found, boxes cover ${(share * 100).toFixed(1)} % of the picture; missed: ${missed.join('; ') || 'none'}`);
  assert.ok(marked >= 20);
  assert.ok(missed.length <= marked * 0.2, `missed ${missed.length} of ${marked}: ${missed.join('; ')}`);
  assert.ok(share < 0.35, `the boxes cover ${share} of the picture`);
});
