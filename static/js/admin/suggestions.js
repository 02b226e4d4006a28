// Suggests rows while somebody types into a filter. Without it the words themselves are looked for.
(() => {
  const PAUSE = 200;
  let waiting, asked;

  const listOf = (field) => {
    const known = document.getElementById(field.getAttribute("list"));
    if (known) return known;
    const list = document.createElement("datalist");
    list.id = `${field.id}-suggestions`;
    field.after(list);
    field.setAttribute("list", list.id);
    return list;
  };

  const show = (field, rows) => {
    const options = rows.map((row) => {
      const option = document.createElement("option");
      option.value = row;
      return option;
    });
    listOf(field).replaceChildren(...options);
  };

  const ask = async (field) => {
    asked?.abort();
    asked = new AbortController();
    const address = `${field.dataset.suggestions}?q=${encodeURIComponent(field.value)}`;
    try {
      const answer = await fetch(address, { signal: asked.signal, headers: { Accept: "application/json" } });
      if (answer.ok) show(field, (await answer.json()).rows);
    } catch (error) {
      if (error.name !== "AbortError") listOf(field).replaceChildren();
    }
  };

  for (const kind of ["focusin", "input"]) {
    document.addEventListener(kind, (event) => {
      if (!event.target.matches?.("[data-suggestions]")) return;
      clearTimeout(waiting);
      waiting = setTimeout(() => ask(event.target), PAUSE);
    });
  }
})();
