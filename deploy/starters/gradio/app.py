import gradio as gr
import numpy as np
from PIL import Image, ImageDraw


def main_colours(picture: Image.Image, count: int) -> tuple[Image.Image, str]:
    """The `count` colours that cover most of the picture, as a strip and as codes."""
    small = picture.convert("RGB").resize((160, 160)).quantize(int(count))
    palette = np.array(small.getpalette()[: int(count) * 3]).reshape(-1, 3)
    shares = np.bincount(np.array(small).ravel(), minlength=len(palette))[: len(palette)]
    order = shares.argsort()[::-1]
    strip, left = Image.new("RGB", (900, 220)), 0
    draw, total = ImageDraw.Draw(strip), max(1, shares.sum())
    for index in order:
        width = round(900 * shares[index] / total)
        draw.rectangle([left, 0, left + width, 220], fill=tuple(int(part) for part in palette[index]))
        left += width
    codes = [f"#{r:02x}{g:02x}{b:02x}  {100 * shares[i] / total:.0f} %" for i in order for r, g, b in [palette[i]]]
    return strip, "\n".join(codes)


def sunset() -> Image.Image:
    """Something to begin with."""
    down = np.linspace(0, 1, 320)[:, None]
    sky = np.array([36, 32, 92]) * (1 - down) + np.array([255, 128, 64]) * down
    return Image.fromarray(np.repeat(sky[:, None, :], 480, axis=1).astype("uint8"))


with gr.Blocks(title="Colours of a picture") as demo:
    gr.Markdown("# 🎨 Colours of a picture\nDrop a picture, and see what it is made of.")
    with gr.Row():
        with gr.Column():
            picture = gr.Image(value=sunset(), type="pil", label="Picture")
            count = gr.Slider(2, 12, value=6, step=1, label="Colours")
            go = gr.Button("Show", variant="primary")
        with gr.Column():
            strip = gr.Image(label="Colours", interactive=False)
            codes = gr.Textbox(label="Codes", lines=6)
    go.click(main_colours, [picture, count], [strip, codes], api_name="main_colours")

if __name__ == "__main__":
    demo.launch()
