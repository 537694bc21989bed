// Rings that spread from wherever somebody points. Still for people who ask for less motion.
const canvas = document.getElementById("ripples");
const context = canvas.getContext("2d");
const still = matchMedia("(prefers-reduced-motion: reduce)");
const rings = [];

function fit() {
  canvas.width = innerWidth * devicePixelRatio;
  canvas.height = innerHeight * devicePixelRatio;
  context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
}

function drop(x, y) {
  if (!still.matches) rings.push({ x, y, born: performance.now(), hue: 230 + Math.random() * 100 });
  if (rings.length > 40) rings.shift();
}

function draw(now) {
  context.clearRect(0, 0, innerWidth, innerHeight);
  for (const ring of rings) {
    const age = (now - ring.born) / 2400;
    if (age >= 1) continue;
    context.beginPath();
    context.arc(ring.x, ring.y, age * 260, 0, Math.PI * 2);
    context.strokeStyle = `hsl(${ring.hue} 85% 62% / ${(1 - age) * 0.5})`;
    context.lineWidth = 2 + (1 - age) * 6;
    context.stroke();
  }
  requestAnimationFrame(draw);
}

addEventListener("resize", fit);
addEventListener("pointermove", (event) => Math.random() < 0.2 && drop(event.clientX, event.clientY));
addEventListener("pointerdown", (event) => drop(event.clientX, event.clientY));
fit();
drop(innerWidth * 0.2, innerHeight * 0.3);
drop(innerWidth * 0.8, innerHeight * 0.7);
requestAnimationFrame(draw);
