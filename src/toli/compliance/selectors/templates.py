"""Reads of registered SMS texts."""

from django.db.models import QuerySet

from toli.compliance.models import SmsTemplate


def sms_templates() -> QuerySet[SmsTemplate]:
    """All registered texts, by code."""
    return SmsTemplate.objects.order_by("code")
