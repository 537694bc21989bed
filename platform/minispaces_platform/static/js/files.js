// Pages of files work without these; they make them quicker.
import { offerPaths, permalinkKey, pickLines } from "./files_page.js";
import { makeEditor } from "./editor.js";
import { acceptDrops } from "./upload.js";

for (const hint of document.querySelectorAll("[data-script]")) hint.hidden = false;
permalinkKey();
pickLines();
offerPaths();
for (const form of document.querySelectorAll("[data-editor]")) makeEditor(form);
for (const form of document.querySelectorAll("[data-upload]")) acceptDrops(form);
