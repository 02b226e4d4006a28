// The shell only: number steppers and the count beside the basket. Everything works without it.
document.documentElement.classList.add("js");

function fitStepper(stepper) {
  const input = stepper.querySelector("input");
  stepper.querySelectorAll("[data-step]").forEach((button) => {
    const next = Number(input.value || 0) + Number(button.dataset.step);
    button.disabled = input.disabled || next < Number(input.min || 0) || (input.max !== "" && next > Number(input.max));
  });
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-step]");
  if (!button) return;
  const stepper = button.closest("[data-stepper]");
  const input = stepper.querySelector("input");
  if (button.dataset.step > 0) input.stepUp();
  else input.stepDown();
  input.dispatchEvent(new Event("input", { bubbles: true }));
  input.dispatchEvent(new Event("change", { bubbles: true }));
});

document.addEventListener("input", (event) => {
  const stepper = event.target.closest("[data-stepper]");
  if (stepper) fitStepper(stepper);
});

// `basket_until` (epoch seconds) is set with a hold and readable here, so that cached pages ask for nothing without one.
async function showBasketCount() {
  const until = document.cookie.match(/(?:^|; )basket_until=(\d+)/);
  const slots = document.querySelectorAll("[data-basket-count]");
  if (!until || Number(until[1]) * 1000 < Date.now() || !slots.length) return;
  try {
    const answer = await fetch(slots[0].dataset.basketCount, { headers: { Accept: "application/json" } });
    if (!answer.ok) return;
    const { count } = await answer.json();
    slots.forEach((slot) => {
      slot.textContent = count > 0 ? count : "";
    });
  } catch {
    // No count is better than a wrong one; the basket page itself always knows.
  }
}

document.querySelectorAll("[data-stepper]").forEach(fitStepper);
showBasketCount();
window.addEventListener("pageshow", (event) => { if (event.persisted) showBasketCount(); });
