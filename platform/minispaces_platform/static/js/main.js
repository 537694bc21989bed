// Every page works without these; each one only makes something quicker or live.
import { offerCopying } from "./copy.js";
import { handOnAddress } from "./frame.js";
import { offerFullScreen } from "./fullscreen.js";
import { followLog } from "./log.js";
import { followSpace } from "./space.js";
import { keepTimesRight } from "./times.js";

offerCopying();
keepTimesRight();
handOnAddress();
offerFullScreen();
for (const page of document.querySelectorAll("[data-space]")) followSpace(page);
for (const log of document.querySelectorAll("[data-follow]")) followLog(log);
