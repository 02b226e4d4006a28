// Shows that there is a person's browser, by a second of work: finds the number whose hash, behind the salt, is the
// challenge. Whatever goes wrong, the form can be sent, and the page says how long to wait instead.

const box = document.querySelector("[data-captcha]");
const form = box.closest("form");
const state = box.querySelector("[data-captcha-state]");
const asked = JSON.parse(box.dataset.captcha);
const encoder = new TextEncoder();
const AT_ONCE = 200;
let over = false;
let pressed = null;

function hex(buffer) {
  return Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function solve({ salt, challenge, maxNumber }) {
  for (let from = 0; from <= maxNumber; from += AT_ONCE) {
    const numbers = Array.from({ length: AT_ONCE }, (_, i) => from + i);
    const hashes = await Promise.all(numbers.map((number) => crypto.subtle.digest("SHA-256", encoder.encode(salt + number))));
    const found = hashes.findIndex((hash) => hex(hash) === challenge);
    if (found >= 0) return from + found;
    await new Promise((resolve) => { setTimeout(resolve); }); // typing stays smooth
  }
  throw new Error("no number fits");
}

async function work() {
  try {
    state.textContent = box.dataset.busy;
    const number = await solve(asked);
    const { algorithm, challenge, salt, signature } = asked;
    box.querySelector("[data-captcha-answer]").value = btoa(JSON.stringify({ algorithm, challenge, number, salt, signature }));
    state.textContent = box.dataset.done;
    box.querySelector("[data-captcha-wait]").hidden = true;
  } catch {
    state.textContent = box.dataset.failed;
  }
  over = true;
  if (pressed) form.requestSubmit(pressed);
}

// Before any other listener hears of it: the form goes once, when the work is done.
window.addEventListener("submit", (event) => {
  if (event.target !== form || over) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  pressed = event.submitter;
}, true);

work();
