// On a phone the tabs scroll: the one that is open is brought into view, without moving the page.
export function showOpenTab(tabs) {
  const open = tabs.querySelector("[aria-current]");
  if (open) tabs.scrollLeft = open.offsetLeft - tabs.offsetLeft - (tabs.clientWidth - open.offsetWidth) / 2;
}
