const GUTTER_MOST = 20_000;

/** A text field that knows a little about programs: Tab, line numbers, Ctrl+S, and a warning before text is lost. */
export function makeEditor(form) {
  const text = form.querySelector("textarea");
  let saved = text.defaultValue;
  let free = false; // after Esc, Tab leaves the field

  text.addEventListener("keydown", (event) => {
    if (event.key === "Escape") free = true;
    else if (event.key === "Tab" && !free && !event.ctrlKey && !event.altKey) {
      event.preventDefault();
      event.shiftKey ? outdent(text) : indent(text);
    } else if (event.key === "Enter" && !event.isComposing && !event.ctrlKey && !event.metaKey) {
      const margin = lineStart(text).match(/^[ \t]*/)[0];
      if (!margin) return;
      event.preventDefault();
      insert(text, `\n${margin}`);
    } else if (!["Shift", "Control", "Alt", "Meta"].includes(event.key)) free = false;
  });
  text.addEventListener("blur", () => (free = false));
  form.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "s" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    form.requestSubmit();
  });
  form.addEventListener("submit", () => (saved = text.value));
  addEventListener("beforeunload", (event) => {
    if (text.value !== saved) event.preventDefault();
  });
  addGutter(text);
}

function unit(text) {
  if (/^\t/m.test(text.value)) return "\t";
  return /^ {2}\S/m.test(text.value) ? "  " : "    ";
}

/** Through the browser's own command, so that undo takes it back. */
function insert(text, words) {
  text.focus();
  if (!document.execCommand("insertText", false, words)) text.setRangeText(words, text.selectionStart, text.selectionEnd, "end");
}

function lineStart(text) {
  const before = text.value.slice(0, text.selectionStart);
  return before.slice(before.lastIndexOf("\n") + 1);
}

function selectLines(text) {
  const start = text.value.lastIndexOf("\n", text.selectionStart - 1) + 1;
  text.setSelectionRange(start, Math.max(text.selectionEnd, start));
  return text.value.slice(start, text.selectionEnd);
}

function indent(text) {
  const step = unit(text);
  if (!text.value.slice(text.selectionStart, text.selectionEnd).includes("\n")) return insert(text, step);
  rewrite(text, (line) => (line ? step + line : line));
}

function outdent(text) {
  const step = unit(text);
  rewrite(text, (line) => line.replace(step === "\t" ? /^\t/ : new RegExp(`^ {1,${step.length}}`), ""));
}

function rewrite(text, change) {
  const start = text.value.lastIndexOf("\n", text.selectionStart - 1) + 1;
  const words = selectLines(text).split("\n").map(change).join("\n");
  insert(text, words);
  text.setSelectionRange(start, start + words.length);
}

function addGutter(text) {
  const gutter = document.createElement("div");
  gutter.className = "editor-gutter";
  gutter.setAttribute("aria-hidden", "true");
  let count = 0;
  const renew = () => {
    const lines = text.value.split("\n").length;
    if (lines === count || lines > GUTTER_MOST) return;
    count = lines;
    gutter.textContent = Array.from({ length: lines }, (_, index) => index + 1).join("\n") + "\n\n\n";
  };
  renew();
  text.addEventListener("input", renew);
  text.addEventListener("scroll", () => (gutter.scrollTop = text.scrollTop));
  // As tall as the text field, whatever its own lines would need.
  new ResizeObserver(() => (gutter.style.blockSize = `${text.offsetHeight}px`)).observe(text);
  text.after(gutter);
}
