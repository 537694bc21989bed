import { follow } from "./follow.js";

const MAX_LINES = 6000;
const NEAR_END_PX = 48;

/** Appends lines as they come, and stays at the end unless the reader went up. */
export function followLog(log) {
  const lines = log.querySelector(".log-lines");
  const jump = makeJump(log);
  let waiting = [];

  function show() {
    const stays = isAtEnd(log);
    lines.insertAdjacentHTML("beforeend", waiting.join(""));
    waiting = [];
    while (lines.childElementCount > MAX_LINES) lines.firstElementChild.remove();
    if (stays) toEnd(log);
    else jump.hidden = false;
  }

  toEnd(log);
  log.addEventListener("scroll", () => isAtEnd(log) && (jump.hidden = true), { passive: true });
  const stop = follow(log.dataset.follow, {
    line(html) {
      if (waiting.push(html) === 1) requestAnimationFrame(show);
    },
    end() {
      stop();
      renewBar();
    },
  });
}

function makeJump(log) {
  const jump = document.createElement("button");
  jump.className = "button button-small log-jump";
  jump.textContent = "↓ New lines";
  jump.hidden = true;
  jump.addEventListener("click", () => toEnd(log));
  log.append(jump);
  return jump;
}

function isAtEnd(log) {
  return log.scrollHeight - log.scrollTop - log.clientHeight < NEAR_END_PX;
}

function toEnd(log) {
  log.scrollTop = log.scrollHeight;
}

/** The build has ended: show its result as a reload would, and leave the lines alone. */
async function renewBar() {
  const answer = await fetch(location.href);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const bar = page.querySelector(".logs-bar");
  if (answer.ok && bar) document.querySelector(".logs-bar").replaceWith(bar);
}
