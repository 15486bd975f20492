"""Accounts and the links that sign people in."""

from datetime import timedelta

import pytest

from tests.factories import make_account, make_actor, make_territory
from tests.together import at_once
from toli.accounts import selectors, services
from toli.accounts.domain.actor import ANONYMOUS, SYSTEM, ActorKind
from toli.accounts.errors import AccountNotFound, LoginTaken, SignInLinkInvalid
from toli.accounts.models import SignInLink
from toli.audit.models import AuditEntry
from toli.core.errors import Forbidden

DAY = timedelta(days=1)


def create(login="asha", **fields):
    return services.create_account(actor=SYSTEM, login=login, display_name="Asha Rao", kind="staff", **fields)


def link(account, **fields):
    return services.create_sign_in_link(actor=SYSTEM, account_id=account.pk, **{"lifetime": DAY, **fields})


@pytest.mark.django_db
class TestAccounts:
    def test_a_new_account_has_no_password_that_works(self):
        account = create()
        assert not account.has_usable_password()
        assert create("ravi", password="correct horse").check_password("correct horse")

    def test_a_login_belongs_to_one_person(self):
        create()
        with pytest.raises(LoginTaken):
            create()
        assert [account.login for account in selectors.staff()] == ["asha"]

    def test_a_kind_that_does_not_exist_is_refused(self):
        with pytest.raises(ValueError, match="robot"):
            services.create_account(actor=SYSTEM, login="r2", display_name="R2", kind="robot")

    def test_only_the_system_creates_accounts_and_links(self):
        make_territory("IN")
        account = make_account()
        for actor in (ANONYMOUS, make_actor({"access.grant": "IN"})):
            with pytest.raises(Forbidden):
                services.create_account(actor=actor, login="x", display_name="X", kind="staff")
            with pytest.raises(Forbidden):
                services.create_sign_in_link(actor=actor, account_id=account.pk, lifetime=DAY)

    def test_creating_leaves_a_trace_without_names(self):
        account = create()
        entry = AuditEntry.objects.get(action="accounts.create")
        assert entry.target == f"account:{account.pk}"
        assert "Asha" not in str(entry.details)

    def test_an_unknown_login_is_not_found(self):
        with pytest.raises(AccountNotFound):
            selectors.get_account("nobody")

    def test_an_account_acts_as_what_it_is(self):
        account = make_account(language="en")
        actor = selectors.actor_for(account, address="192.0.2.1")
        assert (actor.kind, actor.id, actor.language, actor.address) == (
            ActorKind.STAFF, account.pk, "en", "192.0.2.1",
        )  # fmt: skip
        assert selectors.actor_for(account, language="hi").language == "hi"


@pytest.mark.django_db
class TestSignInLinks:
    def test_a_link_signs_its_own_account_in_once(self):
        account = make_account()
        token = link(account)
        assert services.redeem_sign_in_link(token=token).account == account
        with pytest.raises(SignInLinkInvalid):
            services.redeem_sign_in_link(token=token)

    def test_a_reusable_link_works_until_it_expires(self, wait):
        token = link(make_account(), reusable=True)
        services.redeem_sign_in_link(token=token)
        services.redeem_sign_in_link(token=token)
        wait(days=1)
        with pytest.raises(SignInLinkInvalid):
            services.redeem_sign_in_link(token=token)

    def test_a_link_expires(self, wait):
        token = link(make_account(), lifetime=timedelta(hours=1))
        wait(hours=1)
        with pytest.raises(SignInLinkInvalid):
            services.redeem_sign_in_link(token=token)

    def test_a_closed_account_cannot_be_entered_by_link(self):
        account = make_account()
        token = link(account, reusable=True)
        account.is_active = False
        account.save()
        with pytest.raises(SignInLinkInvalid):
            services.redeem_sign_in_link(token=token)

    @pytest.mark.parametrize("token", ["", "x", "\x00", "न" * 500])
    def test_an_invented_link_is_refused(self, token):
        link(make_account())
        with pytest.raises(SignInLinkInvalid):
            services.redeem_sign_in_link(token=token)

    def test_the_token_itself_is_not_stored(self):
        token = link(make_account())
        assert len(token) >= 43
        assert token.encode() not in bytes(SignInLink.objects.get().token_hash)


@pytest.mark.django_db(transaction=True)
def test_a_link_opened_twice_at_once_signs_in_once():
    token = link(make_account())
    answers = at_once(*[lambda: services.redeem_sign_in_link(token=token)] * 4)
    assert sum(isinstance(answer, SignInLinkInvalid) for answer in answers) == 3
