import { follow } from "./follow.js";

/** Keeps a Space's status, and what stands below it, as they are. An app in use is never reloaded by itself. */
export function followSpace(page) {
  follow(page.dataset.space, {
    space(parts) {
      replace(page.querySelector('[data-live="status"]'), element(parts.status));
      const shown = page.querySelector('[data-live="app"]');
      if (shown) renew(shown, element(parts.app));
    },
  });
}

function renew(shown, next) {
  if (!shown.dataset.key || !next.dataset.key) return replace(shown, next);
  const bar = next.querySelector(".app-bar").cloneNode(true);
  if (shown.dataset.key !== next.dataset.key) bar.lastElementChild.before(offer(shown, next));
  replace(shown.querySelector(".app-bar"), bar);
}

function offer(shown, next) {
  const button = document.createElement("button");
  button.className = "button button-small button-main";
  button.textContent = "Show the new version";
  button.addEventListener("click", () => shown.replaceWith(next));
  return button;
}

function replace(shown, next) {
  if (shown.outerHTML !== next.outerHTML) shown.replaceWith(next);
}

function element(html) {
  const template = document.createElement("template");
  template.innerHTML = html.trim();
  return template.content.firstElementChild;
}
