from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "toli.accounts"
    label = "accounts"
