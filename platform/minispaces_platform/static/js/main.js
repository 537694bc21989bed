// Every page works without these; each one only makes something quicker or live.
import { walkCards } from "./cards.js";
import { offerCopying } from "./copy.js";
import { handOnAddress } from "./frame.js";
import { offerFullScreen } from "./fullscreen.js";
import { followSearch } from "./gallery.js";
import { offerLiking } from "./likes.js";
import { followLog } from "./log.js";
import { followSpace } from "./space.js";
import { keepFresh } from "./refresh.js";
import { showOpenTab } from "./tabs.js";
import { keepTimesRight } from "./times.js";

offerCopying();
keepTimesRight();
handOnAddress();
offerFullScreen();
for (const page of document.querySelectorAll("[data-space]")) followSpace(page);
for (const log of document.querySelectorAll("[data-follow]")) followLog(log);
for (const part of document.querySelectorAll("[data-refresh]")) keepFresh(part);
offerLiking();
for (const tabs of document.querySelectorAll(".tabs")) showOpenTab(tabs);
for (const form of document.querySelectorAll("[data-finder]")) {
  followSearch(form);
  walkCards(form.elements.q);
}
