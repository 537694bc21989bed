// Asks for the state until it is another one than this page shows, then loads the page anew.
const shown = document.body.dataset.state;
async function follow() {
  for (;;) {
    try {
      const answer = await fetch(`/.minispaces/state?seen=${shown}`, { cache: "no-store" });
      if (answer.ok && (await answer.json()).state !== shown) return location.reload();
      if (!answer.ok) throw new Error(answer.status);
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }
}
follow();
