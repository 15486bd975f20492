"""The web application that `toli serve` runs. Its connections see nothing until a page says who looks."""

import os

from django.core.wsgi import get_wsgi_application

from toli.core import wall

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "toli.config.settings")
wall.enclose()
application = get_wsgi_application()
