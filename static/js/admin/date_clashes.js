// While a date is chosen: what else is on then, below the fields. Without this script a link leads to the same page.
(() => {
  const ASKED = ["starts_at", "ends_at", "venue", "categories"];
  const WAIT = 400; // milliseconds

  const question = (region) => {
    const fields = new FormData(region.closest("form"));
    const query = new URLSearchParams();
    for (const name of ASKED) {
      for (const value of fields.getAll(name)) {
        if (value) query.append(name, value);
      }
    }
    if (!query.has("venue") && region.dataset.venue) query.set("venue", region.dataset.venue);
    if (region.dataset.page) query.set("page", region.dataset.page);
    return query;
  };

  const watch = (region) => {
    let timer = 0;
    let last = "";
    const ask = async () => {
      const query = question(region);
      if (!query.has("starts_at") || String(query) === last) return;
      last = String(query);
      const asked = last;
      try {
        const response = await fetch(`${region.dataset.dateClashes}?${query}`, {
          headers: { "X-Requested-With": "XMLHttpRequest" },
        });
        if (response.ok && !response.redirected && asked === last) region.innerHTML = await response.text();
      } catch {
        last = ""; // no network: the form works without
      }
    };
    // By jQuery: Wagtail's picker tells of a change to jQuery alone.
    window.jQuery(region.closest("form")).on("change", (event) => {
      if (!ASKED.includes(event.target.name)) return;
      window.clearTimeout(timer);
      timer = window.setTimeout(ask, WAIT);
    });
    if (question(region).has("starts_at")) ask();
  };

  const start = () => document.querySelectorAll("[data-date-clashes]").forEach(watch);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
