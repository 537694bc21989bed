/** Like and unlike without leaving the page. What goes wrong is left to the form itself. */
export function offerLiking() {
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.dataset?.like) return;
    event.preventDefault();
    const button = form.querySelector("button");
    button.ariaPressed = String(button.ariaPressed !== "true");
    try {
      const answer = await fetch(form.action, { method: "POST", headers: { Accept: "application/json" } });
      if (!answer.ok) return form.submit();
      const told = await answer.json();
      button.ariaPressed = String(told.liked);
      form.action = `${form.dataset.like}/${told.liked ? "unlike" : "like"}`;
      form.parentElement.querySelector("[data-like-count]").textContent = told.shown;
    } catch {
      form.submit();
    }
  });
}
