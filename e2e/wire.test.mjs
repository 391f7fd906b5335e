// The demo wire in a real browser: it lives, it is found, it reads, with script and without.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const patience = { timeout: 60_000 };
let wire, base, browser;

before(async () => {
  wire = spawn(process.env.DEPECHE, ["demo", "--listen", "127.0.0.1:0", "--every", "2"], { stdio: ["ignore", "pipe", "ignore"] });
  [base] = await once(createInterface({ input: wire.stdout }), "line");
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM,
    args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic", "--no-first-run",
      "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
});

after(async () => {
  await browser?.close();
  wire?.kill("SIGTERM");
});

async function open(path, options = {}) {
  const context = await browser.newContext({ locale: "fr-FR", ...options });
  const page = await context.newPage();
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => { if (message.type() === "error") complaints.push(message.text()); });
  await page.goto(base + path);
  return { page, complaints, close: () => context.close() };
}

/** What axe has to complain of under WCAG 2.2 AA. */
async function barriers(page) {
  await page.evaluate(axe);
  const found = await page.evaluate(() =>
    globalThis.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] }));
  return found.violations.map((barrier) => `${barrier.id}: ${barrier.nodes.map((node) => node.target).join(" ")}`);
}

async function rows(page) {
  await page.waitForFunction(() => {
    if (document.querySelectorAll(".row").length >= 30) return true;
    setTimeout(() => location.reload(), 500);
    return false;
  }, undefined, { polling: 1000, ...patience });
}

test("the pill announces new dispatches, and nothing moves until the reader says so", async () => {
  const { page, complaints, close } = await open("/");
  await rows(page);
  const first = await page.locator(".row").first().getAttribute("id");
  const place = await page.locator(".row").nth(3).boundingBox();
  const pill = page.locator("[role=status] button").filter({ hasText: /nouvelle/ });
  await pill.waitFor(patience);
  assert.equal(await page.locator(".row").first().getAttribute("id"), first);
  assert.deepEqual(await page.locator(".row").nth(3).boundingBox(), place, "a row moved under the reader's eyes");
  await page.keyboard.press(".");
  await page.waitForFunction((first) => document.querySelector(".row").id !== first, first, patience);
  assert.deepEqual(complaints, []);
  await close();
});

test("a reader searches without accents and reads the article", async () => {
  const { page, complaints, close } = await open("/");
  await rows(page);
  await page.keyboard.press("/");
  await page.keyboard.type("prefete");
  await page.keyboard.press("Enter");
  await page.waitForURL(/recherche/);
  const marks = await page.locator("mark").allTextContents();
  assert.ok(marks.some((mark) => /préfète/i.test(mark)), `marked: ${marks}`);
  assert.deepEqual(await barriers(page), []);
  await page.locator(".row h4 a").first().click();
  await page.waitForSelector("article h1");
  assert.deepEqual(await barriers(page), []);
  assert.deepEqual(complaints, []);
  await close();
});

test("results come while one types, and the histogram takes a range", async () => {
  const { page, complaints, close } = await open("/recherche?q=zzz");
  await page.locator("#q").fill("");
  await page.locator("#q").pressSequentially("prefet", { delay: 20 });
  await page.waitForURL(/q=prefet$/);
  const count = await page.locator("#told").textContent();
  assert.match(count, /article/, "the count is read out");
  assert.ok((await page.locator("#found .row").count()) >= 1);
  assert.equal(await page.evaluate(() => document.activeElement.id), "q", "the keyboard stays where it is");
  assert.deepEqual(await barriers(page), []);
  await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
  await page.goto(`${base}/recherche?q=crue`);
  const bars = page.locator(".days a");
  const [first, last] = [await bars.first().boundingBox(), await bars.last().boundingBox()];
  const [from, until] = [await bars.first().getAttribute("data-from"), await bars.last().getAttribute("data-until")];
  await page.mouse.move(first.x + first.width / 2, first.y + 20);
  await page.mouse.down();
  await page.mouse.move(last.x + last.width / 2, last.y + 20, { steps: 5 });
  await page.mouse.up();
  await page.waitForURL((url) => url.searchParams.get("q") === `crue date:${from}/${until}`);
  assert.equal(await page.locator(".chips a").count(), 1);
  await page.locator(".chips a").first().click();
  await page.waitForURL((url) => url.searchParams.get("q") === "crue");
  assert.deepEqual(complaints, []);
  await close();
});

/** The address of a story that the newest articles belong to. */
async function story(page) {
  await page.goto(base);
  const hrefs = await page.locator(".row h4 a").evaluateAll((links) => links.map((link) => link.getAttribute("href")));
  for (const href of hrefs) {
    await page.goto(base + href);
    const link = page.locator("a[href^='/sujet/']").first();
    if (await link.count()) return link.getAttribute("href");
  }
  assert.fail("no article of the first page belongs to a story");
}

test("a story and a source are told whole, with the keyboard alone", async () => {
  const { page, complaints, close } = await open("/");
  await rows(page);
  await page.goto(base + (await story(page)));
  assert.ok((await page.locator(".told dt").count()) >= 4, "the facts of a story");
  assert.ok((await page.locator(".timeline .row").count()) >= 2, "its dispatches");
  await page.keyboard.press("j");
  const focused = await page.evaluate(() => document.activeElement.closest(".row") !== null);
  assert.ok(focused, "j goes to a dispatch of the story");
  await page.locator(".told a[href^='/sources/']").first().focus();
  await page.keyboard.press("Enter");
  await page.waitForURL(/sources\/[0-9a-f]/);
  await page.locator(".chart summary").focus();
  await page.keyboard.press("Enter");
  assert.equal(await page.locator(".chart tbody tr:visible").count(), 30);
  assert.deepEqual(await barriers(page), []);
  assert.deepEqual(complaints, []);
  await close();
});

for (const javaScriptEnabled of [true, false]) {
  test(`copies are unfolded and held against each other, ${javaScriptEnabled ? "with" : "without"} script`, async () => {
    const { page, complaints, close } = await open("/", { javaScriptEnabled });
    const fold = page.locator("details.copies summary").first();
    for (let tries = 0; tries < 60 && !(await fold.count()); tries++) {
      await page.waitForTimeout(500);
      await page.reload();
    }
    await fold.focus();
    await page.keyboard.press("Enter");
    const compare = page.locator("a[href*='/comparaison/']").first();
    if (!javaScriptEnabled) {
      // The fold has a link to the page that lists them.
      await page.locator("details.copies[open] a").first().focus();
      await page.keyboard.press("Enter");
      await page.waitForURL(/depeche/);
    }
    await compare.focus(patience);
    await page.keyboard.press("Enter");
    await page.waitForURL(/comparaison/);
    assert.ok((await page.locator("h2#why-title").count()) === 1, "why they are together");
    assert.ok((await page.locator("main del, main ins").count()) >= 2, "what differs");
    if (javaScriptEnabled) {
      assert.deepEqual(await barriers(page), []);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(wide <= 0, `${wide} px too wide`);
    }
    assert.deepEqual(complaints, []);
    await close();
  });
}

test("everything is there without script", async () => {
  const { page, close } = await open("/", { javaScriptEnabled: false });
  for (let tries = 0; tries < 60 && (await page.locator(".row").count()) < 30; tries++) {
    await page.waitForTimeout(500);
    await page.reload();
  }
  assert.ok((await page.locator(".row").count()) >= 30);
  await page.locator("a[rel=next]").click();
  await page.waitForURL(/avant/);
  assert.ok((await page.locator(".row").count()) > 0, "an older page");
  await page.fill("input[name=q]", "élections");
  await page.keyboard.press("Enter");
  await page.waitForURL(/recherche/);
  assert.ok((await page.locator(".row").count()) > 0, "results");
  await page.goto(`${base}/sources`);
  assert.ok((await page.getByText("Hexagone Presse").count()) > 0);
  await close();
});

for (const [name, options] of [
  ["wide and light", { viewport: { width: 1280, height: 900 } }],
  ["narrow and light", { viewport: { width: 390, height: 844 } }],
  ["wide and dark", { viewport: { width: 1280, height: 900 }, colorScheme: "dark" }],
  ["narrow, dark and English", { viewport: { width: 320, height: 640 }, colorScheme: "dark", locale: "en-GB" }],
]) {
  test(`the pages have no barriers, ${name}`, async () => {
    const { page, close } = await open("/", options);
    await rows(page);
    const source = await (async () => {
      await page.goto(`${base}/sources`);
      return page.locator(".sources h2 a").first().getAttribute("href");
    })();
    const paths = ["/", "/a-la-une", "/sources", source, await story(page), "/connexion", "/recherche?q=Otan", "/recherche?q=zzzzqqq"];
    for (const path of paths) {
      await page.goto(base + path);
      assert.deepEqual(await barriers(page), [], path);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(wide <= 0, `${path} is ${wide} px too wide`);
    }
    await close();
  });
}
