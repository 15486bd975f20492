"""What `toli serve` runs: thin paths, and Django by WSGI for the rest, in one process."""

from django.conf import settings

from toli.config.wsgi import application as django
from toli.web.beside import Beside, thin_paths
from toli.web.bridge import DjangoByWsgi

application = Beside(DjangoByWsgi(django, threads=settings.WEB_THREADS), thin_paths())
