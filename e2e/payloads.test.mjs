// Articles made of everything that would run, load or send something, in a real browser: nothing does.

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { chromium } from "playwright-core";

const depeche = (...args) => promisify(execFile)(process.env.DEPECHE, args, { maxBuffer: 1 << 26 });
const file = await readFile(new URL("../fixtures/hostile/payloads.txt", import.meta.url), "utf8");
const payloads = file.split("\n").filter((line) => line && !line.startsWith("# "));

const escaped = (text) => text.replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]);
const boxed = (text) => `<![CDATA[${text.replaceAll("]]>", "]]]]><![CDATA[>")}]]>`;
const quoted = (payload) => payload.split(/["']/)[1] ?? payload;

/** A text that no other article has, so that none is a copy of another. */
const text = (n) => Array.from({ length: 40 }, (_, at) => `mot${(n * 7919 + at * 104729) % 99991}`).join(" ");

/** The payload in every field of RSS, as HTML; and as markup of the document itself in Atom. */
function documents() {
  const rss = payloads.map((payload, n) => `<item><guid isPermaLink="false">r${n}</guid><title>${boxed(`Titre ${n} ${payload}`)}</title>
    <link>${escaped(quoted(payload))}</link><author>${boxed(payload)}</author><category>${boxed(payload)}</category>
    <description>${boxed(`<p>${text(n)}</p>${payload}`)}</description><content:encoded>${escaped(`<p>${text(n)}</p>${payload}<p>Fin.</p>`)}</content:encoded>
    <enclosure url="${escaped(quoted(payload))}" type="image/png"/><media:content url="https://a.example/${n}.png" medium="image">
    <media:description>${boxed(payload)}</media:description><media:credit>${boxed(payload)}</media:credit></media:content></item>`);
  const atom = payloads.map((payload, n) => `<entry><id>urn:a${n}</id><title type="html">${escaped(payload)}</title>
    <content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>${text(n + 1000)}</p>${payload}<p>Fin.</p></div></content></entry>`);
  return {
    "rss.xml": `<rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/"><channel><title>${boxed(payloads[0])}</title>${rss.join("")}</channel></rss>`,
    ...Object.fromEntries(atom.map((entry, n) => [`atom${n}.xml`, `<feed xmlns="http://www.w3.org/2005/Atom"><title>Fil</title>${entry}</feed>`])),
  };
}

let folder, wire, base, browser, items;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "depeche-payloads-"));
  const written = documents();
  await Promise.all(Object.entries(written).map(([name, body]) => writeFile(join(folder, name), body)));
  const data = join(folder, "data");
  await depeche("import", "--data", data, ...Object.keys(written).map((name) => join(folder, name)));
  items = (await depeche("items", "--data", data)).stdout.trim().split("\n").map((line) => JSON.parse(line));
  wire = spawn(process.env.DEPECHE, ["run", "--data", data, "--only", "serve", "--listen", "127.0.0.1:0"], { stdio: ["ignore", "pipe", "ignore"] });
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
  await rm(folder, { recursive: true, force: true });
});

/** What of a page is not ours: elements and attributes that act, addresses that are no pages of the web. */
function active() {
  const found = [];
  for (const element of document.querySelectorAll("main *")) {
    if (/^(script|style|iframe|frame|object|embed|applet|base|meta|link|svg|math|img|video|audio|template|noscript|portal)$/i.test(element.localName)) {
      found.push(`<${element.localName}>`);
    }
    for (const { name, value } of element.attributes) {
      if (/^on|^style$|^srcdoc$|^ping$|^background$|^poster$|^src/i.test(name)) found.push(`${element.localName} ${name}=${value}`);
    }
    const address = element.href ?? element.formAction ?? element.action;
    if (typeof address === "string" && address && !/^https?:\/\//.test(address)) found.push(`${element.localName} goes to ${address}`);
  }
  return found;
}

/** A page that notes whatever runs, asks, sends or is forbidden. */
async function watched() {
  const context = await browser.newContext({ locale: "fr-FR" });
  const page = await context.newPage();
  const noted = [];
  await page.exposeFunction("noted", (what) => { noted.push(what); });
  await page.addInitScript(() => {
    globalThis.pwned = () => globalThis.noted("a payload ran");
    document.addEventListener("securitypolicyviolation", (event) => globalThis.noted(`forbidden: ${event.violatedDirective} ${event.blockedURI}`));
  });
  page.on("dialog", (dialog) => { noted.push(`a dialog: ${dialog.message()}`); dialog.dismiss(); });
  page.on("request", (request) => { if (!request.url().startsWith(base)) noted.push(`asked ${request.url()}`); });
  page.on("pageerror", (error) => noted.push(String(error)));
  context.on("page", (opened) => { if (opened !== page) noted.push("a window opened"); });
  return { page, noted };
}

test("nothing of what a source sends runs, loads or is sent", { timeout: 300_000 }, async () => {
  assert.ok(payloads.length >= 200 && items.length >= payloads.length * 2 - 20, `${payloads.length} payloads, ${items.length} items`);
  const paths = items.map(({ id }) => `/article/${id}`);
  paths.push("/", "/recherche?q=pwned", "/recherche?q=script", "/sources");
  const found = {};
  await Promise.all([0, 1].map(async () => {
    const { page, noted } = await watched();
    for (let path = paths.pop(); path; path = paths.pop()) {
      await page.goto(base + path, { waitUntil: "load" });
      const left = [...(path.startsWith("/article/") ? await page.evaluate(active) : []), ...noted.splice(0)];
      if (left.length) found[path] = [...left, await page.title()];
    }
  }));
  assert.deepEqual(found, {});
});

test("the watch itself sees what runs", async () => {
  const { page, noted } = await watched();
  await page.goto(base);
  await page.evaluate(() => { document.querySelector("main").innerHTML = "<p onclick=pwned() style=color:red>x</p><a href='javascript:pwned()'>y</a>"; });
  assert.equal((await page.evaluate(active)).length, 3);
  await page.evaluate(() => globalThis.pwned());
  assert.ok(noted.includes("a payload ran") && noted.some((what) => what.startsWith("forbidden")), noted.join());
});
