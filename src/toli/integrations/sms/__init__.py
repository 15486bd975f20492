"""Texts by an SMS gateway that is asked over HTTP, with what operators in India require."""
