"""A place to live in, and the organisation."""

import pytest

from tests.factories import make_campaign, make_drive, make_organisation, make_territories


@pytest.fixture
def country(db, settings, tmp_path):
    settings.EXPORTS_DIR = tmp_path / "exports"
    settings.RIGHTS_DIR = tmp_path / "rights"
    make_organisation()
    places = make_territories("IN/UP/07/A1", "IN/UP/070/B1")
    make_drive()
    make_campaign()
    return places
