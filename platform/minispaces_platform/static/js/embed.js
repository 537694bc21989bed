/**
 * For pages elsewhere: <minispaces-app src="https://app.example" height="600"></minispaces-app> shows an app, which is
 * loaded when somebody scrolls near it.
 */
class MinispacesApp extends HTMLElement {
  static observedAttributes = ["src", "height", "title"];

  connectedCallback() {
    this.show();
  }

  attributeChangedCallback() {
    if (this.isConnected) this.show();
  }

  show() {
    const address = URL.parse?.(this.getAttribute("src") ?? "") ?? safely(this.getAttribute("src"));
    if (!address || !/^https?:$/.test(address.protocol)) return this.replaceChildren();
    const frame = document.createElement("iframe");
    frame.src = address.href;
    frame.title = this.getAttribute("title") || address.hostname;
    frame.loading = "lazy";
    frame.allow = "camera; clipboard-write; fullscreen; microphone";
    frame.style.cssText = "display:block;width:100%;border:0;border-radius:12px;color-scheme:normal";
    frame.style.height = `${Math.min(Math.max(Number(this.getAttribute("height")) || 600, 100), 5000)}px`;
    this.style.display = "block";
    this.replaceChildren(frame);
  }
}

function safely(address) {
  try {
    return new URL(address);
  } catch {
    return null;
  }
}

customElements.get("minispaces-app") ?? customElements.define("minispaces-app", MinispacesApp);
