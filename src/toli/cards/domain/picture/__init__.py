"""The picture of a card: 1000 x 630 pixels, which is a bank card (85.6 x 53.98 mm) at 297 dots per inch.

Pure: facts in, bytes out. What all cards of an organisation share is drawn once (plate); words are drawn once
for each size (fonts); what is left for each card is to lay words and QR code onto a copy, and to compress.
"""

from toli.cards.domain.picture.face import CardFacts, Look, Words, draw_card

__all__ = ["CardFacts", "Look", "Words", "draw_card"]
