// The order page while a payment is being proved: asks gently, tells politely, moves on by itself. Without it the page
// reloads itself (meta refresh).

const began = Date.now();
let timer;

function pause() {
  const age = Date.now() - began;
  if (age < 20_000) return 2_000;
  return age < 120_000 ? 5_000 : 15_000;
}

async function moveOn() {
  const answer = await fetch(window.location.pathname, { headers: { Accept: "text/html" } });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  document.title = page.title;
  document.getElementById("main").replaceWith(page.getElementById("main"));
  const heading = document.querySelector("main h1");
  heading.tabIndex = -1;
  heading.focus();
  window.scrollTo(0, 0);
  offerPrint();
}

async function look() {
  const waiting = document.querySelector("[data-status]");
  if (!waiting) return;
  try {
    const answer = await fetch(`${waiting.dataset.status}?since=${waiting.dataset.since}`, { headers: { Accept: "application/json" } });
    if (answer.ok) await show(waiting, await answer.json());
  } catch {
    // No network for a moment: ask again later, nothing is lost.
  }
  window.clearTimeout(timer);
  if (document.querySelector("[data-status]")) timer = window.setTimeout(look, pause());
}

async function show(waiting, { view, text, next }) {
  if (view !== waiting.dataset.view) {
    if (waiting.dataset.onward) window.location.assign(waiting.dataset.onward);
    else await moveOn();
    return;
  }
  const sentence = waiting.querySelector("[data-status-text]");
  if (!sentence) return;
  if (sentence.textContent !== text) sentence.textContent = text;
  const slot = waiting.querySelector("[data-status-next]");
  if (slot.textContent !== next) slot.textContent = next;
}

// A locked phone stops timers: look at once when the page is seen again.
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible" && document.querySelector("[data-status]")) look();
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});

function offerPrint() {
  document.querySelectorAll("[data-print]").forEach((button) => {
    button.hidden = false;
  });
}

offerPrint();
if (document.querySelector("[data-status]")) timer = window.setTimeout(look, pause());
