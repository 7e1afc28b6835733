// A real Chromium on the dashboard, and what it must never show: errors, blocked loads, lost messages.
import { readFileSync } from 'node:fs';
import fs from 'node:fs/promises';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { chromium } from 'playwright-core';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** Opens a browser with a profile of its own; it is gone after the test `t`. */
export async function openBrowser(t, options = {}) {
  const profile = await fs.mkdtemp(path.join(os.tmpdir(), 'vigil-chromium-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: CHROMIUM,
    viewport: { width: 1440, height: 900 },
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
      '--disable-quic',
    ],
    ...options,
  });
  t.after(async () => {
    await context.close();
    await fs.rm(profile, { recursive: true, force: true, maxRetries: 5 });
  });
  return context;
}

/** Opens the dashboard and keeps what it hears and complains about. */
export async function openDashboard(context, url) {
  const page = await context.newPage();
  const seen = { errors: [], sockets: [] };
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) seen.errors.push(message.text());
  });
  page.on('pageerror', (error) => seen.errors.push(error.stack));
  page.on('websocket', (socket) => {
    const heard = { url: socket.url(), frames: [] };
    seen.sockets.push(heard);
    socket.on('framereceived', ({ payload }) => heard.frames.push(JSON.parse(payload)));
  });
  await page.addInitScript(() => {
    window.violations = [];
    document.addEventListener('securitypolicyviolation', (event) => {
      window.violations.push(`${event.violatedDirective} ${event.blockedURI}`);
    });
  });
  await page.goto(url);
  return { page, seen };
}

/** Until what fades or slides in has arrived; what pulses for ever does not count. */
async function atRest(page) {
  await page.evaluate(() =>
    Promise.all(
      document
        .getAnimations()
        .filter((animation) => Number.isFinite(animation.effect.getComputedTiming().endTime))
        .map((animation) => animation.finished.catch(() => {})),
    ),
  );
}

/** The accessibility faults of the page once it is at rest, by WCAG 2.2 AA. */
export async function accessibilityFaults(page) {
  await atRest(page);
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate(() =>
    window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }),
  );
  return violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((node) => node.html.slice(0, 120)).join(' | ')}`);
}
