// What the pages gain where script runs: live rows, copies opened in place, results while one types, keys.
// Every page is complete without it.

const byId = (id) => document.getElementById(id);
const parse = (html) => {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
};

trouble(byId("trouble"));
live(byId("wire"));
copies();
finding(byId("found"));
keys();

/** Listens to the wire. What is new waits behind the pill; what changed is changed where it stands. */
function live(wire) {
  if (!wire) return;
  const list = byId("list");
  const pill = byId("pill");
  const pause = byId("pause");
  const offline = byId("offline");
  const title = document.title;
  const fresh = new Map();
  const changed = new Map();
  const gone = new Set();
  let cursor = wire.dataset.cursor;
  let stale = false;
  let stream;

  const open = () => {
    stream = new EventSource(`/direct?depuis=${encodeURIComponent(cursor)}`);
    stream.addEventListener("open", () => { offline.hidden = true; });
    stream.addEventListener("error", () => { offline.hidden = false; });
    stream.addEventListener("wire", (event) => {
      cursor = event.lastEventId;
      take(JSON.parse(event.data));
    });
    stream.addEventListener("resync", () => {
      stream.close();
      stale = true;
      announce();
    });
  };
  const close = () => { stream?.close(); stream = undefined; };

  const take = (frame) => {
    for (const row of parse(frame.fresh).querySelectorAll(".row")) {
      if (byId(row.id)) change(row);
      else if (within(row)) fresh.set(row.id, sections(row));
    }
    for (const row of parse(frame.changed).querySelectorAll(".row")) {
      if (byId(row.id)) change(row);
      else if (fresh.has(row.id)) fresh.set(row.id, sections(row));
    }
    // A dispatch that merged into another: what waits is dropped, what is shown goes with the pill.
    for (const id of frame.gone) {
      fresh.delete(id);
      changed.delete(id);
      if (byId(id)) gone.add(id);
    }
    // What may not be shown any more goes at once; its place stays, so that nothing moves.
    for (const id of frame.withdrawn) {
      fresh.delete(id);
      changed.delete(id);
      const row = byId(id);
      if (!row) continue;
      row.style.minHeight = `${row.getBoundingClientRect().height}px`;
      row.replaceChildren();
      gone.add(id);
    }
    announce();
  };

  // A row older than the last one of this page belongs to a later page.
  const within = (row) => {
    const last = [...list.querySelectorAll(".row")].at(-1);
    return !wire.dataset.more || !last || Number(row.dataset.at) >= Number(last.dataset.at);
  };

  // Nothing that is being read moves: a row in view may only keep its height, else it waits for
  // the pill; a row above the view moves the page by as much as it grows.
  const change = (row) => {
    const old = byId(row.id);
    const before = old.getBoundingClientRect();
    // What was killed goes at once; anything else waits while the reader is at this very row.
    const busy = old.contains(document.activeElement) || old.querySelector("details[open]");
    if (busy && !row.matches(".notice")) {
      changed.set(row.id, row);
      return;
    }
    changed.delete(row.id);
    old.replaceWith(row);
    const grown = row.getBoundingClientRect().height - before.height;
    if (before.bottom < 0) scrollBy({ top: grown, behavior: "instant" });
    else if (before.top > innerHeight || grown === 0) return;
    else if (grown < 0) row.style.minHeight = `${before.height}px`;
    else {
      row.replaceWith(old);
      changed.set(row.id, row);
    }
  };

  const announce = () => {
    const counted = (name, n) => n ? pill.dataset[`${name}${n === 1 ? "One" : "Many"}`].replace("{n}", n) : "";
    const text = stale ? pill.dataset.resync : counted("fresh", fresh.size) || counted("changed", changed.size);
    document.title = fresh.size ? `(${fresh.size}) ${title}` : title;
    if (!text) pill.replaceChildren();
    else if (pill.textContent !== text) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = text;
      pill.replaceChildren(button);
    }
  };

  const show = () => {
    if (stale) return location.reload();
    for (const [id, row] of changed) byId(id)?.replaceWith(row);
    for (const id of gone) byId(id)?.remove();
    for (const day of fresh.values()) weave(list, day, "section");
    const first = [...list.querySelectorAll(".row")].find((row) => fresh.has(row.id));
    for (const id of fresh.keys()) byId(id)?.classList.add("fresh");
    fresh.clear();
    changed.clear();
    gone.clear();
    announce();
    byId("empty")?.remove();
    scrollTo({ top: 0, behavior: "instant" });
    first?.querySelector("a")?.focus({ preventScroll: first === list.querySelector(".row") });
  };

  pill.addEventListener("click", show);
  document.addEventListener("depeche:show", () => { if (pill.firstChild) show(); });
  pause.hidden = false;
  pause.addEventListener("click", () => {
    const paused = Boolean(stream);
    pause.textContent = paused ? pause.dataset.resume : pause.dataset.pause;
    if (paused) close();
    else open();
    offline.hidden = true;
  });
  addEventListener("pagehide", close);
  addEventListener("pageshow", (event) => { if (event.persisted && !stale) open(); });
  open();
}

/** The day section that holds only this row, as the server drew it. */
function sections(row) {
  const day = row.closest(".day").cloneNode(true);
  for (const other of day.querySelectorAll(".row")) if (other.id !== row.id) other.remove();
  for (const hour of day.querySelectorAll(".hour")) if (!hour.querySelector(".row")) hour.remove();
  return day;
}

/** Puts `node` among its like in `parent`, latest first; where its place is taken, its parts go there. */
function weave(parent, node, selector) {
  const there = byId(node.id);
  if (!there) {
    const key = (element) => element.dataset.at;
    const later = [...parent.children].find((other) => other.matches(selector) && key(other) <= key(node));
    parent.insertBefore(node, later ?? null);
  } else if (node.matches(".row")) {
    there.replaceWith(node);
  } else {
    for (const hour of node.querySelectorAll(":scope > .hour")) weave(there, hour, ".hour");
    const rows = there.querySelector(":scope > ol");
    for (const row of node.querySelectorAll(":scope > ol > .row")) weave(rows, row, ".row");
  }
}

/** Has a trouble read out once: a screen reader tells what changes in a region, not what it finds there. */
function trouble(banner) {
  if (!banner) return;
  try {
    if (sessionStorage.getItem("trouble") === banner.dataset.since) return;
    sessionStorage.setItem("trouble", banner.dataset.since);
  } catch { /* told on each page */ }
  const text = banner.textContent;
  banner.textContent = "";
  setTimeout(() => { banner.textContent = text; }, 100);
}

/** Fills the copies of a dispatch when they are opened for the first time. */
function copies() {
  document.addEventListener("toggle", async (event) => {
    const details = event.target;
    const link = details.open && details.matches?.("details.copies") && details.querySelector("a[data-fill]");
    if (!link) return;
    const answer = await fetch(link.dataset.fill).catch(() => undefined);
    if (answer?.ok) link.parentElement.replaceWith(parse(await answer.text()));
  }, true);
}

/** Finds while one types, and takes days dragged across in the histogram for a range. */
function finding(found) {
  if (!found) return;
  const told = byId("told");
  let timer, latest = 0;
  const show = async (text) => {
    const mine = ++latest;
    const address = new URL(location.href);
    for (const name of ["apres", "comme", "lang"]) address.searchParams.delete(name);
    address.searchParams.set("q", text);
    const answer = await fetch(`${address}&partie=1`).catch(() => undefined);
    const part = answer?.ok && parse(await answer.text());
    // An answer to what was typed before is dropped; and nothing is taken away from under somebody's keyboard.
    if (!part || mine !== latest || found.contains(document.activeElement)) return;
    found.replaceChildren(part);
    history.replaceState(null, "", address);
    const title = found.querySelector("[data-title]")?.dataset.title;
    if (title) document.title = `${title} · Dépêche`;
    const other = document.querySelector(".languages a");
    other.href = `${address.search}&lang=${other.hreflang}`;
    told.textContent = found.querySelector(".count")?.textContent ?? "";
  };
  document.addEventListener("input", ({ target }) => {
    if (!target.matches("[type=search][name=q]")) return;
    clearTimeout(timer);
    latest++;
    timer = setTimeout(show, 120, target.value.trim());
  });
  document.addEventListener("submit", () => { clearTimeout(timer); latest++; });

  let first, last, dragged;
  const range = () => {
    const bars = [...found.querySelectorAll(".days a")];
    const [from, until] = [bars.indexOf(first), bars.indexOf(last)].sort((a, b) => a - b);
    return [bars, from, until];
  };
  const bar = (event) => document.elementFromPoint(event.clientX, event.clientY)?.closest(".days a");
  found.addEventListener("pointerdown", (event) => {
    dragged = false;
    if (event.button === 0) first = last = event.target.closest(".days a");
  });
  found.addEventListener("pointermove", (event) => {
    if (!first) return;
    last = bar(event) ?? last;
    const [bars, from, until] = range();
    bars.forEach((bar, n) => bar.classList.toggle("chosen", first !== last && from <= n && n <= until));
  });
  addEventListener("pointercancel", () => { first = undefined; });
  addEventListener("pointerup", () => {
    const [bars, from, until] = range();
    const form = found.querySelector(".dates");
    if (first && first !== last && form) {
      dragged = true;
      form.elements.de.value = bars[from].dataset.from;
      form.elements.a.value = bars[until].dataset.until;
      form.requestSubmit();
    }
    first = undefined;
  });
  found.addEventListener("dragstart", (event) => { if (event.target.closest?.(".days")) event.preventDefault(); });
  found.addEventListener("click", (event) => { if (dragged) event.preventDefault(); }, true);
}

/** j and k, o, /, . and ?; they can be switched off, and stay so. */
function keys() {
  const help = byId("keys");
  const opener = byId("keys-open");
  const choice = byId("keys-on");
  if (!help) return;
  const stored = () => { try { return localStorage.getItem("keys") !== "off"; } catch { return true; } };
  const apply = () => document.documentElement.classList.toggle("keyed", choice.checked);
  choice.checked = stored();
  apply();
  choice.addEventListener("change", () => {
    try { localStorage.setItem("keys", choice.checked ? "on" : "off"); } catch { /* kept for this page */ }
    apply();
  });
  opener.hidden = false;
  opener.addEventListener("click", () => help.showModal());

  const step = (by) => {
    const links = [...document.querySelectorAll(".front h2 a, .row h4 a")];
    const here = links.findIndex((link) => (link.closest(".row") ?? link).contains(document.activeElement));
    const seen = links.findIndex((link) => link.getBoundingClientRect().top > 80);
    const next = links[here < 0 ? Math.max(seen, 0) : here + by];
    next?.focus();
    next?.scrollIntoView({ block: "nearest" });
  };
  const acts = {
    j: () => step(1),
    k: () => step(-1),
    o: () => (document.activeElement?.closest(".row")?.querySelector("h4 a") ?? document.activeElement?.closest(".front h2 a"))?.click(),
    "/": () => byId("q")?.select(),
    ".": () => document.dispatchEvent(new Event("depeche:show")),
    "?": () => help.showModal(),
  };
  addEventListener("keydown", (event) => {
    if (!choice.checked || event.ctrlKey || event.metaKey || event.altKey || help.open) return;
    if (event.target.closest?.("input:not([type=checkbox]), textarea, select, [contenteditable]")) return;
    const act = acts[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
}
