"""Scripts that work behind pages: they keep pages for times without a network, and show notifications.

They stand at the root because a worker has to stand above the pages that it answers for; each page limits its own.
"""

from pathlib import Path

from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse

from toli.web.page import public_page

KEEPING = ("card", "me", "work", "enrol")


@public_page
def worker(request: HttpRequest, name: str) -> HttpResponse:
    """The worker of that name, with what all those share that keep pages put before it."""
    parts = [*(["kept-pages"] if name in KEEPING else []), f"{name}-worker"]
    script = "\n".join(Path(str(finders.find(f"js/{part}.js"))).read_text() for part in parts)
    return HttpResponse(script, content_type="text/javascript", headers={"Cache-Control": "no-cache"})
