// The page that explains an extraction, from its file: whole without script, on a phone and with the keyboard.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
let folder, browser;

const menu = Array.from({ length: 12 }, (_, n) => `<li><a href="/${n}">Rubrique ${n}</a></li>`).join("");
const page = `<html lang="fr"><title>La crue est finie</title><nav><ul>${menu}</ul></nav><main><h1>La crue est finie</h1>
  <p>La préfète de la Meuse a annoncé mardi la fin de la crue, après trois jours de pluie sur le département.</p>
  <p>Les écoles rouvrent jeudi, a dit la mairie &lt;script&gt;document.title = "pris"&lt;/script&gt; à la presse.</p></main>
  <div class="share">Partager</div></html>`;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "depeche-explain-"));
  await writeFile(join(folder, "page.html"), page);
  for (const [name, more] of [["why", ["--explain"]], ["article", []]]) {
    const html = execFileSync(process.env.DEPECHE, ["extract", "--html", ...more, join(folder, "page.html")]);
    await writeFile(join(folder, `${name}.html`), html);
  }
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM,
    args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic", "--no-first-run",
      "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
});

after(async () => {
  await browser?.close();
  await rm(folder, { recursive: true, force: true });
});

async function open(name, options) {
  const context = await browser.newContext(options);
  const opened = await context.newPage();
  await opened.goto(pathToFileURL(join(folder, `${name}.html`)).href);
  return { page: opened, close: () => context.close() };
}

for (const name of ["why", "article"]) {
  for (const colorScheme of ["light", "dark"]) {
    test(`${name}, ${colorScheme}: nothing is in the way, wide or narrow`, async () => {
      for (const width of [1180, 320]) {
        const { page, close } = await open(name, { viewport: { width, height: 800 }, colorScheme, bypassCSP: true });
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${width} is too narrow`);
        await page.evaluate(axe);
        const found = await page.evaluate(() =>
          globalThis.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] }));
        assert.deepEqual(found.violations.map((barrier) => barrier.id), []);
        await close();
      }
    });
  }
}

test("kept and left out are told apart, and shown apart, by the keyboard and without script", async () => {
  const { page, close } = await open("why", { javaScriptEnabled: false });
  assert.equal(await page.title(), "Why this text: La crue est finie");
  const shown = (kind) => page.locator(`.block.${kind}:visible`).count();
  assert.deepEqual([await shown("kept"), await shown("out")], [2, 2]);
  // The menu is folded in one line, which opens by a key.
  const folded = page.getByText("12 blocks left out: in a nav, aside, footer or form");
  await folded.focus();
  await page.keyboard.press("Enter");
  assert.equal(await shown("out"), 14);
  await page.getByRole("radio", { name: "all" }).focus();
  await page.keyboard.press("ArrowRight");
  assert.deepEqual([await shown("kept"), await shown("out")], [2, 0]);
  await page.keyboard.press("ArrowRight");
  assert.deepEqual([await shown("kept"), await shown("out")], [0, 14]);
  assert.equal(await page.locator(".text").first().getAttribute("lang"), "fr");
  await close();
});
