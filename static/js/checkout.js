// “Did you mean gmail.com?” before the form is sent, and no second order from a double press. The server does both too.

// The key behind the address is of use to a browser without cookies alone: a link that is copied goes without it.
if (new URLSearchParams(window.location.search).has("key")) window.history.replaceState(null, "", window.location.pathname);

const email = document.querySelector("[data-mail-hosts]");

function distance(a, b) {
  const rows = Array.from({ length: a.length + 1 }, (_, i) => [i]);
  for (let j = 0; j <= b.length; j += 1) rows[0][j] = j;
  for (let i = 1; i <= a.length; i += 1) {
    for (let j = 1; j <= b.length; j += 1) {
      const change = rows[i - 1][j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      rows[i][j] = Math.min(change, rows[i - 1][j] + 1, rows[i][j - 1] + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) rows[i][j] = Math.min(rows[i][j], rows[i - 2][j - 2] + 1);
    }
  }
  return rows[a.length][b.length];
}

function likely(address, hosts) {
  const at = address.lastIndexOf("@");
  const host = address.slice(at + 1).toLowerCase();
  if (at < 1 || !host || hosts.includes(host)) return "";
  const close = hosts.find((known) => distance(known, host) <= (known.length > 7 ? 2 : 1));
  return close ? `${address.slice(0, at)}@${close}` : "";
}

function hint() {
  const slot = document.querySelector("[data-mail-hint]");
  const meant = likely(email.value.trim(), email.dataset.mailHosts.split(" "));
  slot.hidden = !meant;
  if (!meant) return;
  const button = slot.querySelector("button");
  button.textContent = meant;
  button.onclick = () => {
    email.value = meant;
    slot.hidden = true;
    email.focus();
  };
}

// While typing, not on leaving the field: the hint moves what is below, and a click there would miss.
let pause;
email?.addEventListener("input", () => {
  clearTimeout(pause);
  pause = setTimeout(hint, 500);
});

document.querySelector("[data-order-form]")?.addEventListener("submit", (event) => {
  const button = event.target.querySelector("[data-order-button]");
  if (button.getAttribute("aria-disabled")) event.preventDefault();
  button.setAttribute("aria-disabled", "true");
});

// A page brought back by the Back button may be ordered from again; the server knows whether it already was.
window.addEventListener("pageshow", () => document.querySelector("[data-order-button]")?.removeAttribute("aria-disabled"));

const errors = document.getElementById("form-errors");
errors?.focus();
