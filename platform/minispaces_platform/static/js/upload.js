const MOST = 1000;

/** Files and folders dropped on the page go where chosen ones go: into the form's own field. */
export function acceptDrops(form) {
  const field = form.querySelector('input[type="file"]');
  const zone = form.querySelector(".drop");
  const list = form.querySelector(".drop-list");
  let depth = 0;

  field.addEventListener("change", () => show(form, list, [...field.files].map((file) => [file, file.name])));
  addEventListener("dragenter", (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    depth += 1;
    zone.classList.add("is-over");
  });
  addEventListener("dragleave", () => {
    depth = Math.max(0, depth - 1);
    if (!depth) zone.classList.remove("is-over");
  });
  addEventListener("dragover", (event) => event.preventDefault());
  addEventListener("drop", async (event) => {
    event.preventDefault();
    depth = 0;
    zone.classList.remove("is-over");
    const found = (await Promise.all(entries(event.dataTransfer).map(walk))).flat().slice(0, MOST);
    const chosen = new DataTransfer();
    for (const [file] of found) chosen.items.add(file);
    field.files = chosen.files;
    show(form, list, found);
  });
}

function entries(transfer) {
  return [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
}

/** Every file below, with its path. */
async function walk(entry) {
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
    return [[file, entry.fullPath.replace(/^\//, "")]];
  }
  const reader = entry.createReader();
  const found = [];
  // A reader gives a hundred at a time, and none at the end.
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length || found.length > MOST) break;
    found.push(...some);
  }
  return (await Promise.all(found.filter((each) => each.name !== ".git").map(walk))).flat();
}

function show(form, list, found) {
  for (const old of form.querySelectorAll('input[name="paths"]')) old.remove();
  list.hidden = !found.length;
  list.replaceChildren(...found.map(([file, path]) => row(file, path)));
  for (const [, path] of found) form.append(hidden(path));
}

function row(file, path) {
  const item = document.createElement("li");
  const size = document.createElement("span");
  size.textContent = file.size < 1000 ? `${file.size} B` : file.size < 1e6 ? `${Math.round(file.size / 1000)} kB` : `${(file.size / 1e6).toFixed(1)} MB`;
  item.append(path, size);
  return item;
}

function hidden(path) {
  const field = document.createElement("input");
  field.type = "hidden";
  field.name = "paths";
  field.value = path;
  return field;
}
