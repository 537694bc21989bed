/**
 * Apps know two things of their parent page: its fragment is handed on to them when they are first shown, and they may
 * post `{queryString, hash}` to have it rewritten, so that a link to the page leads back to what they show.
 */
export function handOnAddress() {
  const frame = document.querySelector(".app-frame");
  if (frame && location.hash) frame.src += location.hash;
  addEventListener("message", (event) => {
    const shown = document.querySelector(".app-frame");
    if (!shown || event.source !== shown.contentWindow || event.origin !== new URL(shown.src).origin) return;
    const { queryString, hash } = Object(event.data);
    const url = new URL(location.href);
    if (typeof queryString === "string") url.search = queryString;
    if (typeof hash === "string") url.hash = hash;
    if (url.href !== location.href && url.pathname === location.pathname) history.replaceState(null, "", url);
  });
}
