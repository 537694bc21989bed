const PAUSE_MS = 120;

/** Results while somebody types or chooses: the page's own fragment, and its address in the history. */
export function followSearch(form) {
  const results = document.querySelector("#results");
  let asked = null;
  let pause = 0;

  async function show(address) {
    asked?.abort();
    const asking = (asked = new AbortController());
    results.ariaBusy = "true";
    try {
      const html = await fragment(address, asking.signal);
      if (html === null) return location.assign(address);
      results.innerHTML = html;
      history.replaceState(null, "", address);
    } catch (error) {
      if (error.name !== "AbortError") throw error;
    } finally {
      if (asked === asking) results.ariaBusy = "false";
    }
  }

  form.addEventListener("input", (event) => {
    if (event.target.matches("select")) return;
    clearTimeout(pause);
    pause = setTimeout(() => show(addressOf(form)), PAUSE_MS);
  });
  form.addEventListener("change", (event) => event.target.matches("select") && form.requestSubmit());
  form.addEventListener("submit", (event) => {
    if (!event.submitter) return;
    event.preventDefault();
    clearTimeout(pause);
    show(addressOf(form));
  });
  form.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (link) link.href = withWords(link.href, form.elements.q.value);
  });
  results.addEventListener("click", (event) => {
    const more = event.target.closest("[data-more]");
    if (!more || event.metaKey || event.ctrlKey) return;
    event.preventDefault();
    goOn(more);
  });
}

/** The next page below this one. */
async function goOn(more) {
  const html = await fragment(more.href);
  if (html === null) return location.assign(more.href);
  const next = document.createElement("template");
  next.innerHTML = html;
  const cards = [...next.content.querySelectorAll(".card")];
  const pager = next.content.querySelector(".pager");
  document.querySelector("#results .cards").append(...cards);
  more.closest(".pager").replaceWith(...(pager ? [pager] : []));
  cards[0]?.querySelector("[data-card]").focus({ preventScroll: true });
}

async function fragment(address, signal) {
  const url = new URL(address, location.href);
  url.searchParams.set("part", "results");
  const answer = await fetch(url, { signal });
  return answer.ok ? answer.text() : null;
}

/** Links of the page know what was asked for when it came, not what was typed since. */
function withWords(address, words) {
  const url = new URL(address);
  if (words) url.searchParams.set("q", words);
  else url.searchParams.delete("q");
  return url.href;
}

function addressOf(form) {
  const fields = new URLSearchParams([...new FormData(form)].filter(([, value]) => value));
  return fields.size ? `/?${fields}` : "/";
}
