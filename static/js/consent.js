// Loads the script that counts visits for those who said yes, and for nobody else. Runs before the page is drawn, so that
// the question moves nothing; without JavaScript nobody is asked and nothing is loaded.
(() => {
  const { consent: name, seconds, script } = document.currentScript.dataset;
  const root = document.documentElement;

  function answer() {
    const kept = document.cookie.match(/(?:^|; )consent=(yes|no)(?:;|$)/);
    return kept ? kept[1] : "";
  }

  function load() {
    const counting = document.createElement("script");
    counting.src = script;
    counting.async = true;
    counting.dataset.domain = window.location.hostname;
    document.head.append(counting);
  }

  function keep(said) {
    const secure = window.location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `${name}=${said}; Max-Age=${seconds}; Path=/; SameSite=Lax${secure}`;
  }

  function show() {
    root.classList.toggle("asking", !answer());
    document.querySelectorAll("[data-said]").forEach((words) => {
      words.hidden = words.dataset.said !== answer();
    });
    document.querySelectorAll("[data-choice]").forEach((choice) => {
      choice.hidden = false;
    });
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-answer]");
    if (!button) return;
    const before = answer();
    keep(button.dataset.answer);
    if (button.closest(".consent")) document.getElementById("main").focus({ preventScroll: true });
    show();
    if (before === "yes" && answer() === "no") window.location.reload(); // what runs already cannot be unloaded
    else if (before !== "yes" && answer() === "yes") load();
  });

  document.addEventListener("DOMContentLoaded", show);
  show();
  if (answer() === "yes") load();
})();
