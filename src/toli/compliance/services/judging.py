"""The one question before anything is sent, asked at the moment of sending."""

from collections import Counter
from collections.abc import Sequence

from toli.compliance import selectors
from toli.compliance.domain.law import Refusal, Rule, SendingQuestion
from toli.compliance.models import SendingRefusal
from toli.core import clock


def judge_sendings(questions: Sequence[SendingQuestion]) -> list[Refusal | None]:
    """Why each sending is refused, in the order of the questions; None: it may go.

    Three queries for any number of questions: two to judge, one that records the refusals by rule, place,
    channel and kit in the caller's transaction. Raises Unavailable before there is an organisation.
    """
    answers = selectors.judge_all(questions)
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


def _place(question: SendingQuestion, answer: Refusal) -> int | None:
    return None if answer.rule == Rule.PLACE_UNKNOWN else question.territory_id
