import time
from collections.abc import Iterator

import gradio as gr

TURNS = {"i am": "you are", "i'm": "you are", "my": "your", "me": "you", "i": "you", "your": "my", "you": "I"}
BEGINNINGS = (
    "Why do you say that ",
    "How does it feel that ",
    "Tell me more about why ",
    "What if it were not so that ",
)


def mirrored(message: str) -> str:
    """`I like my cat` becomes `you like your cat`."""
    words = message.strip().rstrip(".!?").lower().split()
    return " ".join(TURNS.get(word, word) for word in words)


def answer(message: str, history: list[dict[str, str]]) -> Iterator[str]:
    """What has been said so far, longer each time. Put your model here."""
    beginning = BEGINNINGS[len(history) // 2 % len(BEGINNINGS)]
    reply = f"{beginning}{mirrored(message)}?" if message.strip() else "I am listening."
    said = ""
    for word in reply.split(" "):
        said += f"{word} "
        time.sleep(0.04)
        yield said.strip()


demo = gr.ChatInterface(
    answer,
    title="💬 A small chat",
    description="It only turns your words around. Put a model behind it.",
    examples=["I would like to build a demo", "My cat sleeps all day"],
)

if __name__ == "__main__":
    demo.launch()
