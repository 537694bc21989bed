import random
from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import HTMLResponse

app = FastAPI(title="An API with a page")
PAGE = Path(__file__).with_name("page.html")


@app.get("/", response_class=HTMLResponse, include_in_schema=False)
def show_page() -> str:
    return PAGE.read_text(encoding="utf-8")


@app.get("/roll")
def roll(dice: int = 2, sides: int = 6) -> dict[str, object]:
    """Some dice, and what they come to."""
    thrown = [random.randint(1, max(2, min(sides, 1000))) for _ in range(max(1, min(dice, 20)))]
    return {"dice": thrown, "sum": sum(thrown)}
