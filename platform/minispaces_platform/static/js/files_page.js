/** `y` makes the address one that stays true: that of the commit. */
export function permalinkKey() {
  const bar = document.querySelector("[data-permalink]");
  if (!bar) return;
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, textarea, select");
    if (event.key !== "y" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    history.replaceState(null, "", bar.dataset.permalink + location.search + location.hash);
  });
}

/** A click on a line's number makes the address lead to that line. */
export function pickLines() {
  document.addEventListener("click", (event) => {
    const line = event.target.closest?.(".lines > li");
    if (!line || event.target !== line) return;
    history.replaceState(null, "", `#${line.id}`);
    // Only a real navigation moves :target.
    location.replace(`#${line.id}`);
  });
}

export function offerPaths() {
  if (!navigator.clipboard) return;
  for (const button of document.querySelectorAll("[data-copy-text]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.dataset.copyText);
      button.classList.add("is-done");
      setTimeout(() => button.classList.remove("is-done"), 1500);
    });
  }
}
