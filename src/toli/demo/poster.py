"""The picture of the demonstration's kit: a list with a mark on it. Shapes only, the same in every language."""

import io

from PIL import Image, ImageDraw

SIZE = (1200, 630)  # the shape that previews of chat apps have
GROUND, SHEET, LINE, MARK, SHADOW = "#0b4858", "#fffdf8", "#c9d3d6", "#e0a52e", "#083743"
ALT = {"alt_hi": "एक सूची, जिसमें एक नाम पर निशान लगा है", "alt_en": "A list with a mark beside one of the names"}


def poster() -> bytes:
    """A PNG, drawn at twice its size so that its edges are smooth."""
    width, height = (2 * side for side in SIZE)
    picture = Image.new("RGB", (width, height), GROUND)
    draw = ImageDraw.Draw(picture)
    draw.ellipse((-400, 500, 900, 1800), fill=SHADOW)
    draw.ellipse((1700, -700, 3000, 600), fill=SHADOW)
    draw.rounded_rectangle((820, 130, 1620, 1180), radius=40, fill=SHADOW)
    draw.rounded_rectangle((790, 100, 1590, 1150), radius=40, fill=SHEET)
    for number in range(6):
        top = 220 + 140 * number
        chosen = number == 2
        draw.ellipse((870, top, 950, top + 80), fill=MARK if chosen else LINE)
        draw.rounded_rectangle(
            (1000, top + 20, 1480 - 90 * (number % 3), top + 60), 20, fill=GROUND if chosen else LINE
        )
        if chosen:
            draw.line((888, top + 42, 905, top + 60, 935, top + 22), fill=SHEET, width=12, joint="curve")
    file = io.BytesIO()
    picture.resize(SIZE, Image.Resampling.LANCZOS).save(file, "PNG")
    return file.getvalue()
