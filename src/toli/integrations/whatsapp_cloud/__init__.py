"""Meta's WhatsApp Cloud API, for organisations that may use it (compliance/domain/channels.py)."""
