/** A button that gives the app the whole screen, where the browser lets a page do that. */
export function offerFullScreen() {
  if (!document.fullscreenEnabled) return;
  document.documentElement.classList.add("can-fill");
  document.addEventListener("click", (event) => {
    if (event.target.closest?.("[data-fullscreen]")) document.querySelector(".app-frame")?.requestFullscreen();
  });
}
