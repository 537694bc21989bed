// Pages of files work without these; they make them quicker.
import { offerPaths, permalinkKey, pickLines } from "./files_page.js";
import { makeEditor } from "./editor.js";
import { acceptDrops } from "./upload.js";

permalinkKey();
pickLines();
offerPaths();
for (const form of document.querySelectorAll("[data-editor]")) makeEditor(form);
for (const form of document.querySelectorAll("[data-upload]")) acceptDrops(form);
