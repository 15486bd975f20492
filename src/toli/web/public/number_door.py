"""Number, then code: somebody without an account proves that a telephone is theirs."""

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from toli.accounts import services as accounts
from toli.core.errors import DomainError
from toli.web.client import client_address
from toli.web.forms import CodeForm, PhoneForm
from toli.web.page import see_other


@dataclass(frozen=True, slots=True)
class NumberDoor:
    """``purpose``: of the codes, and the key under which the session remembers the number; ``address``: of the page;
    ``template``: where the number is asked for. An unknown number is treated alike until its owner has proved it."""

    purpose: str
    address: str
    template: str

    def answer(self, request: HttpRequest, proved: Callable[[HttpRequest, str], HttpResponse]) -> HttpResponse:
        """The page of the step that comes next; what ``proved`` says to the number (E.164) once the code was right."""
        step = request.POST.get("step")
        if step == "phone":
            return self._ask(request)
        if step == "code":
            return self._prove(request, proved)
        if self.purpose in request.session and request.GET.get("step") != "phone":
            return self._code_page(request, CodeForm())
        return render(request, self.template, {"form": PhoneForm()})

    def _ask(self, request: HttpRequest) -> HttpResponse:
        form = PhoneForm(request.POST)
        if form.is_valid():
            phone = form.cleaned_data["phone"]
            try:
                accounts.request_code(
                    phone=phone, purpose=self.purpose, language=request.LANGUAGE_CODE, address=client_address(request)
                )
            except DomainError as error:
                form.refuse("phone", error)
            else:
                request.session[self.purpose] = phone
                return see_other(self.address)
        return render(request, self.template, {"form": form})

    def _prove(self, request: HttpRequest, proved: Callable[[HttpRequest, str], HttpResponse]) -> HttpResponse:
        phone = request.session.get(self.purpose)
        if not phone:
            return see_other(self.address)
        form = CodeForm(request.POST)
        if form.is_valid():
            try:
                accounts.verify_code(
                    phone=phone, purpose=self.purpose, code=form.cleaned_data["code"], address=client_address(request)
                )
            except DomainError as error:
                form.refuse("code", error)
            else:
                del request.session[self.purpose]
                return proved(request, phone)
        return self._code_page(request, form)

    def _code_page(self, request: HttpRequest, form: CodeForm) -> HttpResponse:
        back, phone = f"{self.address}?step=phone", request.session[self.purpose]
        return render(request, "public/code.html", {"form": form, "action": self.address, "back": back, "phone": phone})
