const RETRY_MS = 5000;

/**
 * Server-sent events for as long as somebody looks. A hidden tab gives its connection back, because browsers allow
 * six per host; it comes back after the last event it saw, but not to what is gone. Returns a function that ends it.
 */
export function follow(address, listeners) {
  let source = null;
  let last = "";
  let ended = false;

  function open() {
    if (source || ended || document.hidden) return;
    const url = new URL(address, location.href);
    if (last) url.searchParams.set("after", last);
    source = new EventSource(url);
    source.addEventListener("gone", end);
    for (const [name, listener] of Object.entries(listeners)) {
      source.addEventListener(name, (event) => {
        last = event.lastEventId || last;
        listener(JSON.parse(event.data));
      });
    }
    source.addEventListener("error", () => {
      // After a refusal the browser gives up; after a lost connection it tries again by itself.
      if (source?.readyState !== EventSource.CLOSED) return;
      close();
      setTimeout(open, RETRY_MS);
    });
  }

  function close() {
    source?.close();
    source = null;
  }

  function end() {
    ended = true;
    close();
  }

  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  addEventListener("pagehide", close);
  addEventListener("pageshow", open);
  open();
  return end;
}
