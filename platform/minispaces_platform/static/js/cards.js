const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** `/` goes to the search, arrows go from card to card, Escape empties the search or goes back to it. */
export function walkCards(input) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const card = event.target.closest?.("[data-card]");
    if (event.key === "/" && !event.target.closest("input, textarea, select")) {
      event.preventDefault();
      input.select();
    } else if (event.key === "Escape" && card) {
      input.focus();
    } else if (event.target === input && event.key === "ArrowDown") {
      go(event, document.querySelector("#results [data-card]"));
    } else if (card && WAYS[event.key]) {
      go(event, neighbour(card, ...WAYS[event.key]) ?? (event.key === "ArrowUp" ? input : null));
    }
  });
}

function go(event, target) {
  if (!target) return;
  event.preventDefault();
  target.focus();
  target.closest(".card")?.scrollIntoView({ block: "nearest" });
}

/** The nearest card that way; sideways only in the same row. */
function neighbour(from, right, down) {
  const here = middle(from);
  let best = null;
  let least = Infinity;
  for (const card of document.querySelectorAll("[data-card]")) {
    const there = middle(card);
    const along = right ? (there.x - here.x) * right : (there.y - here.y) * down;
    const aside = right ? Math.abs(there.y - here.y) : Math.abs(there.x - here.x);
    if (along < 8 || (right && aside > 40)) continue;
    const far = along + aside * 3;
    if (far < least) [best, least] = [card, far];
  }
  return best;
}

function middle(card) {
  const box = card.closest(".card").getBoundingClientRect();
  return { x: box.x + box.width / 2, y: box.y };
}
