/** Asks for the page again and shows its part anew; not while somebody's hand is on it, and not unseen. */
export function keepFresh(part) {
  setInterval(() => renew(part).catch(() => {}), Number(part.dataset.refresh) * 1000);
}

async function renew(part) {
  if (document.hidden || part.matches(":focus-within")) return;
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const next = page.getElementById(part.id);
  if (next && next.innerHTML !== part.innerHTML && !part.matches(":focus-within")) part.replaceChildren(...next.childNodes);
}
