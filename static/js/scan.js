// The door without page loads: the answer comes by fetch, is heard and felt, and a green one clears itself. A red or
// amber one stays until somebody presses Next. Without this script the form is an ordinary form.

const CLEARS_AFTER = 1_600;
const SAME_TICKET = 3_000; // a scanner that reads twice
const A_BURST = 120; // keys of a wedge scanner follow each other faster than fingers

const form = document.querySelector("[data-door-form]");
const field = form.querySelector("input[name=code]");
const state = document.querySelector("[data-door-state]");
const offline = document.querySelector("[data-door-offline]");

const TONES = { valid: [[880, 0, 0.12], [1320, 0.12, 0.16]], used: [[520, 0, 0.2], [520, 0.28, 0.2]], refused: [[180, 0, 0.6]], offline: [[180, 0, 0.6]] };
const SHAKES = { valid: [80], used: [120, 80, 120], refused: [500], offline: [500] };

let audio;
let clearing;
let waiting = []; // scanned while an answer is on its way
let last = { code: "", at: 0 };
let lastKey = 0;

function play(look) {
  navigator.vibrate?.(SHAKES[look]);
  const start = audio?.currentTime;
  for (const [pitch, after, length] of audio ? TONES[look] : []) {
    const tone = audio.createOscillator();
    const loudness = audio.createGain();
    tone.type = look === "valid" ? "sine" : "square";
    tone.frequency.value = pitch;
    loudness.gain.value = look === "valid" ? 0.3 : 0.15;
    tone.connect(loudness).connect(audio.destination);
    tone.start(start + after);
    tone.stop(start + after + length);
  }
}

// Takes the last answer away: a green one must never be read as the answer to the next ticket.
function wipe() {
  window.clearTimeout(clearing);
  state.querySelector(".answer")?.remove();
}

function ready() {
  wipe();
  field.focus();
}

function dismiss() {
  field.value = "";
  ready();
}

function show(markup) {
  state.innerHTML = markup;
  const answer = state.querySelector(".answer");
  const look = answer.dataset.look;
  play(look);
  if (look === "valid") {
    field.focus();
    clearing = window.setTimeout(ready, CLEARS_AFTER);
  } else {
    waiting = []; // they are scanned again once this one is seen to
    answer.querySelector("[data-door-next]").focus();
  }
}

async function check(code) {
  wipe();
  const body = new FormData(form);
  body.set("code", code);
  try {
    const answer = await fetch(form.action, { method: "POST", body, headers: { "X-Requested-With": "fetch" }, signal: AbortSignal.timeout(8_000) });
    if (answer.redirected || !answer.ok) throw new Error(`status ${answer.status}`);
    show(await answer.text());
    last = { code, at: Date.now() };
  } catch {
    show(offline.innerHTML + state.innerHTML);
  }
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const code = field.value.trim();
  field.value = "";
  const again = waiting.includes(code) || (code === last.code && Date.now() - last.at < SAME_TICKET);
  if (!code || again) return;
  audio ??= window.AudioContext && new AudioContext();
  waiting.push(code);
  if (waiting.length > 1) return;
  while (waiting.length) {
    await check(waiting[0]);
    waiting.shift();
  }
});

state.addEventListener("click", (event) => {
  if (!event.target.closest("[data-door-next]")) return;
  event.preventDefault();
  dismiss();
});

// Whoever scans on while a refusal is up must not dismiss it with the scanner's own Enter.
document.addEventListener("keydown", (event) => {
  const burst = Date.now() - lastKey < A_BURST;
  lastKey = Date.now();
  const refused = state.querySelector(".answer:not([data-look=valid])");
  if (refused && event.key === "Enter" && burst) event.preventDefault();
  if (refused && event.key === "Escape") dismiss();
});

// A page that came as a whole (no script then, or a reload) already shows its answer.
const shown = state.querySelector(".answer");
if (shown?.dataset.look === "valid") clearing = window.setTimeout(ready, CLEARS_AFTER);
