// The buy box: the running total, and what is left right now. Without it the form works and the server does the sums.

const pounds = (pence) => `£${(pence / 100).toLocaleString("en-GB", { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
const toPence = (text) => Math.round(Number(text) * 100);

function sum(box) {
  const output = box.querySelector("[data-total]");
  if (!output) return;
  let pence = 0;
  box.querySelectorAll("[data-row]").forEach((row) => {
    const input = row.querySelector("input[type=number]");
    const count = input ? Math.floor(Number(input.value)) : 0;
    if (count > 0) pence += count * toPence(row.dataset.price);
  });
  const text = pounds(pence);
  if (output.textContent !== text) output.textContent = text;
}

function showLeft(row, { left, most, closed }) {
  const slot = row.querySelector("[data-left]");
  const input = row.querySelector("input[type=number]");
  if (!input || !slot) return;
  slot.textContent = left;
  slot.hidden = !left;
  input.max = most;
  input.disabled = closed;
  if (Number(input.value) > most) input.value = most;
  input.dispatchEvent(new Event("input", { bubbles: true }));
}

function pause(box, sentence) {
  const note = box.querySelector(".buybox__foot .buybox__note");
  if (note) note.textContent = sentence;
  box.querySelectorAll("input, button").forEach((control) => { control.disabled = true; });
}

async function ask(box) {
  try {
    const answer = await fetch(box.dataset.live, { headers: { Accept: "application/json" }, credentials: "omit" });
    if (!answer.ok) return;
    const { rows, paused } = await answer.json();
    if (paused) pause(box, paused);
    Object.entries(rows).forEach(([id, live]) => {
      const row = box.querySelector(`[data-row="${id}"]`);
      if (row) showLeft(row, live);
    });
  } catch {
    // The page says what was true this minute; the server checks again in any case.
  }
}

const boxes = Array.from(document.querySelectorAll("[data-buybox]:not([data-ready])"));
boxes.forEach((box) => {
  box.dataset.ready = "";
  box.addEventListener("input", () => sum(box));
  sum(box);
});

let asked = 0;
function askAll() {
  if (document.visibilityState !== "visible" || Date.now() - asked < 60_000) return;
  asked = Date.now();
  boxes.filter((box) => box.dataset.live).forEach(ask);
}

// Also when the Back button or a phone that slept brings the page back: seats went meanwhile.
askAll();
window.addEventListener("pageshow", askAll);
document.addEventListener("visibilitychange", askAll);

document.querySelector("[data-focus]")?.focus();
