"""Template helpers of all pages."""

from django import template

register = template.Library()
