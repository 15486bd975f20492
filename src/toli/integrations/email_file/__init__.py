"""For development: texts as e-mail files, which any mail program opens."""
