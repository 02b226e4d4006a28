// Says when a hold is about to end: at five and at two minutes, politely, once each. At the end the page asks the server.

const hold = document.querySelector("[data-until]");

function watch() {
  const until = Number(hold.dataset.until) * 1000;
  const slot = document.querySelector("[data-hold-news]");
  const marks = [
    { at: until - 300_000, say: hold.dataset.five },
    { at: until - 120_000, say: hold.dataset.two },
  ];
  let done = false;

  function look() {
    const now = Date.now();
    const passed = marks.filter((mark) => mark.at <= now);
    passed.forEach((mark) => marks.splice(marks.indexOf(mark), 1));
    if (passed.length && now < until) slot.textContent = passed.at(-1).say;
    if (now < until || done) return;
    done = true;
    slot.textContent = hold.dataset.over;
    // A form half filled in is not thrown away: the server says on sending that the time is over, and keeps what was typed.
    if (!document.querySelector("[data-keep-typed]")) window.location.reload();
  }

  look();
  window.setInterval(look, 1000);
}

// Brought back by the Back button, by another tab or after a sleep, the page may show seats that were ordered, changed or
// let go since: then it is loaded again, and the server says what became of them.
async function compare() {
  const slot = document.querySelector("[data-basket-count]");
  const shown = document.querySelector("[data-held]");
  if (!slot || !shown) return;
  try {
    const answer = await fetch(slot.dataset.basketCount, { headers: { Accept: "application/json" }, cache: "no-store" });
    if (answer.ok && (await answer.json()).count !== Number(shown.dataset.held)) window.location.reload();
  } catch {
    // No network for a moment: the server says it on sending.
  }
}

window.addEventListener("pageshow", (event) => { if (event.persisted) compare(); });
document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") compare(); });

if (hold) watch();
document.querySelector("[data-focus]")?.focus();
