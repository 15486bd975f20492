"""The one question before anything is sent, asked at the moment of sending."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from toli.compliance import selectors
from toli.compliance.domain.law import Refusal, Rule, SendingQuestion
from toli.compliance.models import SendingRefusal
from toli.core import clock


def judge_sendings(
    questions: Sequence[SendingQuestion], *, within: timedelta = timedelta(0)
) -> list[Refusal | None]:  # fmt: skip
    """Why each sending is refused, in the order of the questions; None: it may go.

    ``within``: how long after its moment a sending may still arrive. What the law refuses by then is refused.
    Three queries for any number of questions: two to judge, one that records the refusals by rule, place,
    channel and kit in the caller's transaction. Raises Unavailable before there is an organisation.
    """
    answers = _answers(questions, within)
    refused = Counter(
        (answer.rule, question.channel, question.purpose, _place(question, answer), question.kit_id)
        for question, answer in zip(questions, answers, strict=True)
        if answer is not None
    )
    now = clock.now()
    SendingRefusal.objects.bulk_create(
        SendingRefusal(
            refused_at=now,
            rule=rule,
            channel=channel[:40],
            purpose=purpose[:20],
            territory_id=territory_id,
            kit_id=kit_id,
            count=count,
        )
        for (rule, channel, purpose, territory_id, kit_id), count in refused.items()
    )
    return answers


def _answers(questions: Sequence[SendingQuestion], within: timedelta) -> list[Refusal | None]:
    """Those for the moment asked about, else those for the end of the journey; all from one law book."""
    if not within:
        return selectors.judge_all(questions)
    late = {question: replace(question, at=question.at + within) for question in set(questions)}
    found = selectors.judge_all([*questions, *(late[question] for question in questions)])
    return [now or then for now, then in zip(found[: len(questions)], found[len(questions) :], strict=True)]


def _place(question: SendingQuestion, answer: Refusal) -> int | None:
    return None if answer.rule == Rule.PLACE_UNKNOWN else question.territory_id
