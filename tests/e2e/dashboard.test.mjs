// The dashboard in a real browser, against the real program.
import assert from 'node:assert/strict';
import test from 'node:test';
import { accessibilityFaults, openBrowser, openDashboard } from './browser.mjs';
import { drawPictures, drop, eventually, getJson, makeSite, publish, retouched, sleep, start, stop } from './support.mjs';

const SPEED = { BATCH_IDLE_TIMEOUT_SECONDS: '1', BATCH_WINDOW_SECONDS: '5' };

const eventIds = (page) => page.$$eval('[data-event-id]', (rows) => rows.filter((row) => row.tagName === 'LI').map((row) => Number(row.dataset.eventId)));
const phase = (page) => page.getByTestId('websocket-status').getAttribute('data-phase');
const storedIds = async (site) => (await getJson(site, '/api/events?limit=100')).items.map((event) => event.id);

/** Drops pictures as a camera does until one more event is stored. */
async function feedUntilEvent(site, camera, pictures) {
  const before = (await storedIds(site)).length;
  await eventually(
    'one more event',
    async () => {
      for (const picture of pictures) {
        await drop(site, camera, retouched(picture));
        await sleep(120);
      }
      await sleep(1500); /* longer than the idle timeout, so that the batch closes */
      return (await storedIds(site)).length > before;
    },
    90,
  );
}

/** The page shows what the server has: no event is missing, none is twice. */
async function agrees(site, page) {
  await eventually('the page shows the events that are stored', async () => {
    const [shown, stored] = [await eventIds(page), await storedIds(site)];
    assert.deepEqual(shown, stored);
    return true;
  });
}

test('an event appears without reload, and the page loses nothing over a kill -9', async (t) => {
  const site = await makeSite(t, SPEED);
  const pictures = await drawPictures(site, 16, '640x360');
  await start(site);
  const { page, seen } = await openDashboard(await openBrowser(t), site.url);

  await t.test('an empty house says so', async () => {
    await page.getByText('No activity yet').waitFor();
    await page.getByText('No cameras configured').waitFor();
    assert.equal(await page.locator('h1').innerText(), 'Security Dashboard');
    assert.match(await page.title(), /Home Security/);
    await eventually('live', async () => (await phase(page)) === 'live');
    await page.getByTestId('websocket-status').getByText('Live').waitFor();
  });

  await t.test('the first event appears by itself', async () => {
    await page.evaluate(() => (window.notReloaded = true));
    await feedUntilEvent(site, 'porch', pictures);
    await agrees(site, page);
    await page.locator('[data-camera-id="porch"]').getByText('Online').waitFor();
    const [newest] = (await getJson(site, '/api/events?limit=1')).items;
    const row = page.locator(`li[data-event-id="${newest.id}"]`);
    await row.getByText(newest.summary).waitFor();
    assert.equal(await row.getAttribute('data-risk'), newest.risk_level);
    await eventually('its thumbnail is there', () => row.locator('img').evaluate((image) => image.naturalWidth > 0));
    await eventually('a screen reader is told', async () => /event/i.test(await page.getByTestId('announcements').innerText()));
  });

  await t.test('after a kill -9 it resumes, complete and in order', async () => {
    for (let round = 0; round < 3; round++) {
      await stop(site, 'SIGKILL');
      await eventually('the page notices', async () => (await phase(page)) !== 'live');
      assert.match(await page.getByTestId('websocket-status').innerText(), /Reconnecting/);
      await start(site);
      const marks = Array.from({ length: 20 }, (_, mark) => ({ type: 'test.mark', data: { round, mark } }));
      assert.equal((await publish(site, marks)).status, 200);
      await eventually('live again', async () => (await phase(page)) === 'live', 60);
      await feedUntilEvent(site, round === 1 ? 'garden' : 'porch', pictures);
      await agrees(site, page);
    }
    assert.equal(await page.evaluate(() => window.notReloaded), true);
    assertComplete(seen.sockets);
  });

  await t.test('nobody complained', async () => {
    /* While the server was away, the browser itself says that it could not be reached. */
    const faults = seen.errors.filter((text) => !/ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|ERR_SOCKET_NOT_CONNECTED/.test(text));
    assert.deepEqual(faults, []);
    assert.deepEqual(await page.evaluate(() => window.violations), []);
  });
});

/** Over all its connections the page heard every number from its first one on, each new one once and in order. */
function assertComplete(sockets) {
  const spoken = sockets.filter((socket) => socket.frames.some((frame) => frame.type === 'connected'));
  assert.ok(spoken.length >= 4, `${spoken.length} connections`);
  const hello = spoken[0].frames.find((frame) => frame.type === 'connected');
  assert.doesNotMatch(spoken[0].url, /resume=/);
  let last = hello.last_sequence;
  for (const [index, socket] of spoken.entries()) {
    assert.deepEqual(socket.frames.filter((frame) => frame.type === 'gap'), []);
    if (index > 0) assert.ok(socket.url.includes(`resume=${hello.epoch}~${last}`), `${socket.url} goes on after ${last}`);
    for (const frame of socket.frames.filter((item) => item.sequence)) {
      assert.equal(frame.epoch, hello.epoch);
      assert.equal(frame.sequence, last + 1);
      last = frame.sequence;
    }
  }
}

test('an event is opened, understood and reviewed with the keyboard alone', async (t) => {
  const site = await makeSite(t, SPEED);
  const pictures = await drawPictures(site, 16, '640x360');
  await start(site);
  await feedUntilEvent(site, 'porch', pictures);
  const { page, seen } = await openDashboard(await openBrowser(t), site.url);
  await page.locator('li[data-event-id]').first().waitFor();
  const [event] = (await getJson(site, '/api/events?limit=1')).items;
  const detail = page.getByTestId('event-detail');

  await t.test('the skip link is the first stop', async () => {
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Skip to the activity');
    await page.keyboard.press('Enter');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'main');
  });

  await t.test('j and Enter open it, with picture, boxes and reasons', async () => {
    await page.keyboard.press('j');
    assert.equal(await page.evaluate(() => document.activeElement.id), `event-row-${event.id}`);
    await page.keyboard.press('Enter');
    await detail.getByRole('heading', { name: event.summary }).waitFor();
    await eventually('the whole picture is there', () => detail.locator('figure img').first().evaluate((image) => image.naturalWidth === 640));
    await detail.getByTestId('box').first().waitFor();
    const inside = await detail.getByTestId('box').first().evaluate((box) => {
      const [outer, inner] = [box.parentElement.getBoundingClientRect(), box.getBoundingClientRect()];
      return inner.left >= outer.left - 2 && inner.right <= outer.right + 2 && inner.top >= outer.top - 2 && inner.bottom <= outer.bottom + 2;
    });
    assert.ok(inside, 'the box lies in the picture');
    assert.equal(await detail.getByTestId('factors').locator('li').count(), event.factors.length);
    await detail.getByText(`${event.risk_score} · `).waitFor();
    assert.deepEqual(await accessibilityFaults(page), []);
  });

  await t.test('b hides the boxes, r marks it as reviewed', async () => {
    await page.keyboard.press('b');
    await detail.getByTestId('box').first().waitFor({ state: 'detached' });
    await page.keyboard.press('r');
    await detail.getByRole('button', { name: 'Reviewed', pressed: true }).waitFor();
    assert.equal((await getJson(site, `/api/events/${event.id}`)).reviewed, true);
    await page.locator(`li[data-event-id="${event.id}"]`).getByTitle('Reviewed').waitFor();
  });

  await t.test('notes are kept, and keys typed into them do nothing else', async () => {
    await detail.getByRole('textbox', { name: 'Notes' }).fill('the postman, jk?');
    await page.keyboard.press('Control+Enter');
    await detail.getByText('Saved', { exact: true }).waitFor();
    assert.equal((await getJson(site, `/api/events/${event.id}`)).notes, 'the postman, jk?');
    await detail.getByRole('textbox', { name: 'Notes' }).press('r');
    assert.equal((await getJson(site, `/api/events/${event.id}`)).reviewed, true);
  });

  await t.test('Esc closes it and gives the focus back', async () => {
    await page.getByRole('heading', { name: 'Cameras' }).click();
    await page.keyboard.press('Escape');
    await detail.waitFor({ state: 'detached' });
    assert.equal(await page.evaluate(() => document.activeElement.id), `event-row-${event.id}`);
    assert.deepEqual(await accessibilityFaults(page), []);
  });

  await t.test('? helps', async () => {
    await page.keyboard.press('?');
    await page.getByRole('heading', { name: 'Keyboard' }).waitFor();
    assert.deepEqual(await accessibilityFaults(page), []);
    await page.keyboard.press('Escape');
    await page.getByRole('heading', { name: 'Keyboard' }).waitFor({ state: 'hidden' });
  });

  await t.test('on a telephone nothing sticks out, and Back closes the event', async () => {
    await page.setViewportSize({ width: 375, height: 812 });
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 375);
    await page.locator(`li[data-event-id="${event.id}"] button`).click();
    await detail.waitFor();
    await detail.locator('figure img').first().waitFor();
    assert.ok(await page.evaluate(() => document.querySelector('dialog[open]').scrollWidth <= 375));
    assert.deepEqual(await accessibilityFaults(page), []);
    await page.goBack();
    await detail.waitFor({ state: 'detached' });
  });

  await t.test('nobody complained', async () => {
    assert.deepEqual(seen.errors, []);
    assert.deepEqual(await page.evaluate(() => window.violations), []);
  });
});
