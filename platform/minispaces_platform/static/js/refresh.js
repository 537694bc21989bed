/** Asks for the page again and shows its part anew, for as long as the part asks for it; not while somebody's hand is
    on it, and not unseen. */
export function keepFresh(part) {
  const timer = setInterval(() => renew(part, timer).catch(() => {}), Number(part.dataset.refresh) * 1000);
}

async function renew(part, timer) {
  if (document.hidden || part.matches(":focus-within")) return;
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const next = page.getElementById(part.id);
  if (next && !next.dataset.refresh) clearInterval(timer);
  if (next && next.innerHTML !== part.innerHTML && !part.matches(":focus-within")) part.replaceChildren(...next.childNodes);
}
