// Points that drift, and lines between those that are near each other or the pointer.
const canvas = document.querySelector("canvas")
const pen = canvas.getContext("2d")
const pointer = { x: -1e4, y: -1e4 }
const still = matchMedia("(prefers-reduced-motion: reduce)").matches
let points = []

function layOut() {
  canvas.width = innerWidth
  canvas.height = innerHeight
  const count = Math.min(120, Math.round((innerWidth * innerHeight) / 12000))
  points = Array.from({ length: count }, () => ({
    x: Math.random() * innerWidth, y: Math.random() * innerHeight,
    dx: Math.random() - 0.5, dy: Math.random() - 0.5, hue: 255 + Math.random() * 90,
  }))
}

function draw() {
  pen.clearRect(0, 0, canvas.width, canvas.height)
  for (const point of points) {
    point.x = (point.x + point.dx + canvas.width) % canvas.width
    point.y = (point.y + point.dy + canvas.height) % canvas.height
    for (const other of [...points, pointer]) {
      const reach = other === pointer ? 190 : 110
      const far = Math.hypot(point.x - other.x, point.y - other.y)
      if (far === 0 || far > reach) continue
      pen.strokeStyle = `hsl(${point.hue} 90% 72% / ${1 - far / reach})`
      pen.beginPath()
      pen.moveTo(point.x, point.y)
      pen.lineTo(other.x, other.y)
      pen.stroke()
    }
  }
  if (!still) requestAnimationFrame(draw)
}

addEventListener("pointermove", (event) => Object.assign(pointer, { x: event.clientX, y: event.clientY }))
addEventListener("resize", layOut)
layOut()
draw()
