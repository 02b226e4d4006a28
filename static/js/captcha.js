// Shows that there is a person's browser, by a second of work. When it cannot, the form goes without, and the page says
// how long to wait instead.

const box = document.querySelector("[data-captcha]");
const form = box.closest("form");
const state = box.querySelector("[data-captcha-state]");
const answer = box.querySelector("[data-captcha-answer]");
const asked = JSON.parse(box.dataset.captcha);
let over = false;
let pressed = null;

function finish() {
  over = true;
  if (pressed) form.requestSubmit(pressed);
}

function solved(number) {
  if (number >= 0) {
    const { algorithm, challenge, salt, signature } = asked;
    answer.value = btoa(JSON.stringify({ algorithm, challenge, number, salt, signature }));
    state.textContent = box.dataset.done;
  }
  finish();
}

// Before any other listener hears of it: the form goes once, when the work is done.
window.addEventListener("submit", (event) => {
  if (event.target !== form || over) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  pressed = event.submitter;
}, true);

if (window.isSecureContext && window.Worker) {
  state.textContent = box.dataset.busy;
  const worker = new Worker(box.dataset.worker);
  worker.onmessage = ({ data }) => solved(data);
  worker.onerror = finish;
  worker.postMessage(asked);
} else {
  finish();
}
