"""Places, their levels and the trees they stand in.

A :class:`Territory` is a place with a code. A :class:`Node` puts it into one :class:`Tree`, so that an
assembly constituency can hang below its district in one tree and below its parliamentary
constituency in another. ``Node.path`` holds the codes from the root, each followed by a slash
(``main/IN/UP/S24-AC034/``): a branch is one range of an ordinary b-tree index, and the closing slash
keeps ``07`` from matching ``070``.
"""

from typing import Self

from django.db import models
from django.db.models import F, Q

from toli.territories.domain.paths import branch_end


class Tree(models.Model):
    """One way to divide the country; exactly one is the main tree, where members are counted."""

    code = models.CharField(max_length=20, unique=True)
    name_en = models.CharField(max_length=120)
    name_hi = models.CharField(max_length=120, blank=True)
    is_main = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["is_main"], condition=Q(is_main=True), name="one_main_tree")]

    def __str__(self) -> str:
        return self.code


class Level(models.Model):
    """A kind of territory (state, zone, booth). ``rank`` grows downwards; gaps are allowed."""

    code = models.CharField(max_length=20, unique=True)
    rank = models.PositiveSmallIntegerField(unique=True)
    name_en = models.CharField(max_length=60)
    name_hi = models.CharField(max_length=60, blank=True)
    plural_en = models.CharField(max_length=60)
    plural_hi = models.CharField(max_length=60, blank=True)

    class Meta:
        ordering = ["rank"]

    def __str__(self) -> str:
        return self.code

    def label(self, language: str, *, plural: bool = False) -> str:
        """What one of these (or several) is called in ``language``; English where Hindi is missing."""
        english, hindi = (self.plural_en, self.plural_hi) if plural else (self.name_en, self.name_hi)
        return hindi if language == "hi" and hindi else english


class TerritoryQuerySet(models.QuerySet["Territory"]):
    def current(self) -> Self:
        """Those that have not been abolished."""
        return self.filter(valid_to__isnull=True)

    def within_paths(self, paths: tuple[str, ...]) -> Self:
        """Territories that stand in one of these branches, of any tree."""
        return self.filter(pk__in=Node.objects.within_paths(paths).values("territory_id"))


class Territory(models.Model):
    """A place. ``code`` is its key for ever; a redrawn booth gets a new code, the old one an end date."""

    code = models.CharField(max_length=40, unique=True, db_collation="C")
    level = models.ForeignKey(Level, on_delete=models.PROTECT, related_name="territories")
    name_en = models.CharField(max_length=200)
    name_hi = models.CharField(max_length=200, blank=True)
    number = models.CharField(max_length=20, blank=True)  # as printed: "34", "12A(W)"
    facts = models.JSONField(default=dict, blank=True)  # seat counts, reservation, PIN: no personal data
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)

    objects = TerritoryQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_from__isnull=True) | Q(valid_to__gt=F("valid_from")),
                name="territory_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return self.code

    def label(self, language: str) -> str:
        """The name in ``language``; English where Hindi is missing."""
        return self.name_hi if language == "hi" and self.name_hi else self.name_en


class NodeQuerySet(models.QuerySet["Node"]):
    def current(self) -> Self:
        return self.filter(valid_to__isnull=True)

    def within_paths(self, paths: tuple[str, ...]) -> Self:
        """Nodes of these branches, the branch's own root included; none for no paths."""
        condition = Q(pk__in=[])
        for path in paths:
            condition |= Q(path__gte=path, path__lt=branch_end(path))
        return self.current().filter(condition)


class Node(models.Model):
    """A territory's place in one tree, for a time."""

    tree = models.ForeignKey(Tree, on_delete=models.PROTECT, related_name="nodes")
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="nodes")
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    path = models.CharField(max_length=255, db_collation="C")
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)

    objects = NodeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["path"], condition=Q(valid_to__isnull=True), name="one_current_path"),
            models.UniqueConstraint(
                fields=["territory", "tree"], condition=Q(valid_to__isnull=True), name="one_place_in_a_tree"
            ),
            models.CheckConstraint(condition=Q(path__endswith="/"), name="path_ends_with_slash"),
        ]

    def __str__(self) -> str:
        return self.path
