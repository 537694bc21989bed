// Asks for the state until it is another one than this page shows, then loads the page anew. Words change in place.
const shown = document.body.dataset.state;
const words = document.querySelector(".words");
async function follow() {
  for (;;) {
    try {
      const seen = new URLSearchParams({ seen: shown, words: words.textContent });
      const answer = await fetch(`/.minispaces/state?${seen}`, { cache: "no-store" });
      if (!answer.ok) throw new Error(answer.status);
      const now = await answer.json();
      if (now.state !== shown) return location.reload();
      words.textContent = now.words;
      words.hidden = !now.words;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }
}
follow();
