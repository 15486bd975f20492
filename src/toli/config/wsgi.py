"""The web application that `toli serve` runs."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "toli.config.settings")
application = get_wsgi_application()
