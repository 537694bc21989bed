const STEPS = [[60, "second"], [60, "minute"], [24, "hour"], [30, "day"], [12, "month"]];

/** Keeps "4 minutes ago" true; the words are those of wording.py. */
export function keepTimesRight() {
  setInterval(() => {
    for (const time of document.querySelectorAll("[data-ago]")) {
      const words = ago((Date.now() - Date.parse(time.dateTime)) / 1000);
      if (time.textContent !== words) time.textContent = words;
    }
  }, 20_000);
}

function ago(seconds) {
  let amount = Math.max(0, Math.floor(seconds));
  if (amount < 5) return "just now";
  for (const [size, unit] of STEPS) {
    if (amount < size) return `${amount} ${unit}${amount === 1 ? "" : "s"} ago`;
    amount = Math.floor(amount / size);
  }
  return `${amount} year${amount === 1 ? "" : "s"} ago`;
}
