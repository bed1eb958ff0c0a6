"""The nouns of the language as frozen rows.

A row's fields are declared once, with `field(kind, default, meaning)`: the reader
(`load.py`), the checks, the published JSON Schema and the reference page all read the
same table. A field's *kind* names how its text is read (see `fields.FIELD_READERS`):

========== =====================================================================
kind       value
========== =====================================================================
name       str, the name of something declared elsewhere in the model
names      tuple[str, ...]
text       str
flag       bool
count      int >= 0
number     float
percent    float, a fraction (``20%`` -> 0.2)
factor     float, a multiplier (``x4`` -> 4.0; ``x1.5..x4`` -> units.Factor)
multiple   float, a multiplier that is decided, not believed: one number
duration   units.Duration (hours)
rate       units.Rate (per year)
chance     units.Chance (a probability, maybe uncertain)
money      units.Money
date       datetime.date
========== =====================================================================

Any other kind names a row class or a reader of its own (``need``, ``crew``, ``loss`` ...).
`None` always means "not stated"; it is never the same as zero.
"""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from blackstart.distributions import Dist
from blackstart.errors import Where
from blackstart.units import Chance, Duration, Money, Rate
from blackstart.uptime import Uptime


def field(
    kind: str, default: Any = None, meaning: str = "", unit: str = "", name: str = "", most: float | None = None, least: float | None = None
) -> Any:
    """Declare a field of a row: how it is read, what it is when left out, what it means.

    `name` is its spelling in the file where that differs from the attribute (`in`, `for`); `least` and `most` the
    smallest and the largest value that make sense.
    """
    meta = {"kind": kind, "default": default, "meaning": meaning, "unit": unit, "name": name, "most": most, "least": least}
    return dataclasses.field(default=default, metadata=meta)


def place() -> Any:
    """Where a row stands in the user's files: no part of what it says, so rows compare without it."""
    return dataclasses.field(default=None, compare=False, repr=False)


def places() -> Any:
    """Where each stated value of a row stands, by its path in the file (`fails`, `repair.takes`)."""
    return dataclasses.field(default_factory=dict, compare=False, repr=False)


# A name to show: one text, or (language, text) pairs for `{ko: ..., en: ...}`.
Label = str | tuple[tuple[str, str], ...] | None


def shown_text(label: Label | None, lang: str = "en") -> str:
    """A label in `lang`, or in any language; empty if there is none."""
    if isinstance(label, tuple):
        return dict(label).get(lang) or label[0][1]
    return label or ""


# --------------------------------------------------------------------------- needs


@dataclass(frozen=True, slots=True)
class Need:
    """One node of an expression over components.

    op: ``leaf`` (name) · ``all`` · ``any`` · ``at_least`` (threshold = k) ·
    ``capacity`` (weights, threshold = least sum that still serves) · ``maybe`` (chance, one member).
    """

    op: str
    name: str = ""
    of: tuple[Need, ...] = ()
    weights: tuple[float, ...] = ()
    threshold: float = 0.0
    chance: Chance | None = None
    where: Where | None = place()


@dataclass(frozen=True, slots=True)
class Want:
    """A soft need: while `name` serves nothing, `share` of the component's service is lost."""

    name: str
    share: float
    where: Where | None = place()


@dataclass(frozen=True, slots=True)
class Help:
    """What only speeds work up: while `name` is not running, work takes `factor` times as long."""

    name: str
    factor: float
    where: Where | None = place()


@dataclass(frozen=True, slots=True)
class Crew:
    """People of one team that a job holds while it lasts."""

    team: str
    people: int
    where: Where | None = place()


# --------------------------------------------------------------------------- a component's life


@dataclass(frozen=True, slots=True)
class Start:
    """How a component is brought up."""

    takes: Duration | None = field("duration", None, "time from begin of start to running; may grow with the outage: `10 min + 0.5 x outage`", "h")
    detect: Duration | None = field("duration", None, "time until somebody or something notices (added to `takes`; beside `work` once, before the first part)", "h")
    decide: Duration | None = field("duration", None, "time until the decision is made (added to `takes`; beside `work` once, before the first part)", "h")
    switch: Duration | None = field("duration", None, "time of the switch itself (added to `takes`; not beside `work`)", "h")
    work: Duration | None = field("each", None, "hands-on time of one person for one unit of `count`: `5 min each`; 300 units and 10 people take 300 × 5 min ÷ 10, one twentieth after the other", "h")
    people: tuple[Crew, ...] = field("crew", (), "people held while it starts: `3 infra` or `{infra: 3, dba: 1}`")
    needs: Need | None = field("need", None, "what must be running to start it, beyond what it needs to run")
    works: Chance | None = field("chance", None, "chance that a start works when asked for")
    retry: Duration | None = field("duration", None, "pause before the next try after a start that failed", "h")
    rehearsed: datetime.date | None = field("date", None, "when it was last shown to work; its evidence ages from there")
    on_site: bool = field("flag", False, "whether its people must be there, so that `bar` stops it")
    throttled: bool = field("flag", False, "whether load is kept off while it comes back: it takes what it can carry and does not trip, until whoever needs it loads it within `overload`")
    kind: str | None = field("text", None, "a kind of take-over of the evidence library, which brings its chance and its time")
    first_fail: int = 0  # so many first tries fail, as a scenario says; no word of the language
    where: Where | None = place()


@dataclass(frozen=True, slots=True)
class Spare:
    stock: int = field("count", 0, "spare parts on the shelf")
    lead: Duration | None = field("duration", None, "time until an ordered part arrives", "h")
    where: Where | None = place()


@dataclass(frozen=True, slots=True)
class Repair:
    """How a broken component is mended."""

    takes: Duration | None = field("duration", None, "time from begin of repair to mended", "h")
    detect: Duration | None = field("duration", None, "time until its people know what is broken (added to `takes`; beside `work` once, before the first part)", "h")
    decide: Duration | None = field("duration", None, "time until they have decided what to do (added to `takes`; beside `work` once, before the first part)", "h")
    work: Duration | None = field("each", None, "hands-on time of one person for one unit of `count`, as `work` of a start", "h")
    people: tuple[Crew, ...] = field("crew", (), "people held while it is repaired")
    needs: Need | None = field("need", None, "what must be running to repair it")
    spare: Spare | None = field("Spare", None, "spare parts and their lead time")
    where: Where | None = place()


@dataclass(frozen=True, slots=True)
class BreakGlass:
    """How people force a start whose needs never come."""

    after: Duration | None = field("duration", None, "how long it waits in vain before people force it", "h")
    takes: Duration | None = field("duration", None, "how long forcing it takes", "h")
    people: tuple[Crew, ...] = field("crew", (), "people held while it is forced")
    without: tuple[str, ...] = field("names", (), "running needs it can do without then; unless stated, those that depend on it in turn. Its needs for starting and repair it does without in any case")
    where: Where | None = place()


@dataclass(frozen=True, slots=True)
class Standby:
    """Ready to take over for others."""

    stands_for: tuple[str, ...] = field("names", (), "whom it stands by for", name="for")
    below: float = field("percent", 0.0, "it is called when one of them serves this share or less", "1", most=1.0)
    failback: bool = field("flag", True, "whether it returns to standby when they run again")
    where: Where | None = place()


@dataclass(frozen=True, slots=True)
class Surge:
    """Demand that follows an outage (retries, returning users) or a hazard."""

    factor: float = field("factor", 1.0, "demand is multiplied by this", name="by")
    lasts: Duration | None = field("duration", None, "for this long after it is back", "h")
    after: Duration | None = field("duration", None, "only after an outage at least this long", "h")
    where: Where | None = place()


@dataclass(frozen=True, slots=True)
class Backup:
    every: Duration | None = field("duration", None, "time between two backups", "h")
    kept: str | None = field("name", None, "component that holds the backup")
    restore: Duration | None = field("duration", None, "time to restore from it", "h")
    where: Where | None = place()


@dataclass(frozen=True, slots=True)
class Data:
    """Data that belongs to this component."""

    copies: tuple[str, ...] = field("names", (), "components that hold a copy, first the one written to; unless stated, the component itself")
    lag: Duration | None = field("duration", None, "how far a copy is behind", "h")
    copy: Duration | None = field("duration", None, "time to fill a destroyed copy from a living one", "h")
    backup: Backup | None = field("Backup", None, "backups and where they are kept")
    where: Where | None = place()


@dataclass(frozen=True, slots=True)
class Loss:
    """What an outage costs. `rate` or `table` (cumulative loss by outage length)."""

    rate: Money | None = field("money_rate", None, "loss for each hour of full outage", "money/h")
    table: tuple[tuple[float, Money], ...] = field("loss_table", (), "in place of `rate`: cumulative loss by outage length: `{1h: ..., 24h: ...}`; between two rows even, beyond the last as between the last two", "money")
    hours: str | None = field("hours", None, "hours of the week in which it counts: `mon-fri 08-20`; other hours cost nothing unless `otherwise`")
    otherwise: float = field("percent", 0.0, "share of the loss in the other hours", "1", most=1.0)
    deferred: float = field("percent", 0.0, "share that customers only put off, not lost", "1", most=1.0)
    penalties: tuple[tuple[float, Money], ...] = field("loss_table", (), "paid once for each of these lengths that an outage passes, one on top of the other", "money")
    cap: Money | None = field("money", None, "most that one outage can cost", "money")
    where: Where | None = place()


@dataclass(frozen=True, slots=True)
class Accepted:
    """One point of a signed curve of risk: what is longer (or dearer) than `amount` may come so often and no more.

    measure : ``hours`` of an outage · ``loss``, money that one misfortune costs.
    """

    measure: str
    amount: float
    per_year: float
    where: Where | None = place()


@dataclass(frozen=True, slots=True)
class Tolerance:
    """What the business can bear (ISO 22301 words)."""

    rto: Duration | None = field("duration", None, "recovery time objective", "h")
    rpo: Duration | None = field("duration", None, "recovery point objective", "h")
    mtpd: Duration | None = field("duration", None, "maximum tolerable period of disruption", "h")
    serves: float = field("percent", 0.5, "the service counts as up while it serves at least this share", "1", most=1.0)
    uptime: tuple[Uptime, ...] = field("uptime", (), "service level objective (SLO): the share of each window for which it is up: `99.95% per month in 95% of months`, or a list of such")
    at_most: tuple[Accepted, ...] = field("accepted", (), "signed curve of risk: what is longer or dearer may come so often and no more: `{4h: 1 per 10 yr, 24h: 1 per 100 yr}`")
    where: Where | None = place()


@dataclass(frozen=True, slots=True)
class Appetite:
    """What the whole firm can bear, whichever service is hit."""

    at_most: tuple[Accepted, ...] = field("accepted", (), "signed curve of risk of the whole firm: `{24h: 1 per 20 yr, 10 bn KRW: 1 per 100 yr}`")
    where: Where | None = place()


@dataclass(frozen=True, slots=True)
class Component:
    """Anything that can stop. A service is a component that users see (`is_service`)."""

    id: str
    is_service: bool = False
    kind: str | None = field("text", None, "a kind of the evidence library, which brings failure rates and repair times")
    label: Label = field("label", None, "name to show: text, or `{ko: ..., en: ...}`")
    located: tuple[str, ...] = field("names", (), "domains it is in", name="in")
    tags: tuple[str, ...] = field("words", (), "words by which hazards can strike it")
    needs: Need | None = field("need", None, "what must be there for it to run")
    wants: tuple[Want, ...] = field("wants", (), "soft needs: `{photos: 20%}`")
    helps: tuple[Help, ...] = field("helps", (), "what speeds its repair and start up: `{monitoring: x2}`")
    rides: Duration | None = field("duration", None, "how long it runs on without its needs", "h")
    fails: Rate | None = field("rate", None, "how often it breaks by itself while running; of a `count` all units at once", "1/yr")
    standby: Standby | None = field("Standby", None, "whom it stands by for")
    start: Start | None = field("Start", None, "how it is brought up")
    repair: Repair | None = field("Repair", None, "how it is mended")
    break_glass: BreakGlass | None = field("BreakGlass", None, "how people force it when it cannot start")
    count: int = field("count", 1, "number of like units: they fail together and come back part by part; units that fail one by one are components of their own")
    headroom: float = field("percent", 1.0, "demand it can serve, as a share of its normal peak", "1")
    overload: float | None = field("percent", None, "load at which it trips, as a share of its normal peak", "1")
    surge: Surge | None = field("Surge", None, "demand after its own outage")
    data: Data | None = field("Data", None, "the data it keeps")
    tested: Duration | None = field("duration", None, "time between two tests that would show a hidden fault", "h")
    hidden: Rate | None = field("rate", None, "how often a fault arises that nobody sees until it is asked for or tested", "1/yr")
    priority: int | None = field("count", None, "order of work, 1 first; unless stated after all stated ones")
    # services
    loss: Loss | None = field("loss", None, "what its outage costs")
    users: float | None = field("number", None, "people who use it")
    tolerance: Tolerance | None = field("Tolerance", None, "what the business can bear")
    aftermath: float = field("factor", 1.0, "business recovery after an outage, as a multiple of its length, at least x1; a loss per hour falls evenly to nothing meanwhile", least=1.0)
    where: Where | None = place()
    wheres: Mapping[str, Where] = places()

    @property
    def section(self) -> str:
        """Where in the file it stands."""
        return "services" if self.is_service else "components"

    @property
    def path(self) -> str:
        return f"{self.section}.{self.id}"

    @property
    def loss_per_hour(self) -> float:
        """Mean loss of an hour of full outage, money per hour; of a table, its average up to its last row."""
        if self.loss is None:
            return 0.0
        if self.loss.rate is not None:
            return self.loss.rate.dist.mean()
        if self.loss.table:
            hours, money = self.loss.table[-1]
            return money.dist.mean() / hours
        return 0.0


@dataclass(frozen=True, slots=True)
class Domain:
    """Anything whose parts share a fate."""

    id: str
    kind: str | None = field("text", None, "country, site, building, room, duct, power, operator, software, account ...")
    label: Label = field("label", None, "name to show")
    located: tuple[str, ...] = field("names", (), "domains it is inside", name="in")
    tags: tuple[str, ...] = field("words", (), "words by which hazards can strike it")
    where: Where | None = place()
    wheres: Mapping[str, Where] = places()


@dataclass(frozen=True, slots=True)
class Team:
    """People who repair, start and decide."""

    id: str
    label: Label = field("label", None, "name to show")
    people: int = field("count", 0, "how many there are")
    on_call: int | None = field("count", None, "how many come at the first call; unless stated, all")
    arrives: Duration | None = field("duration", None, "from the call until those on call are at work", "h")
    musters: Duration | None = field("duration", None, "from the call until the others are at work; unless stated, as `arrives`", "h")
    shift: Duration | None = field("duration", None, "longest stretch of work; after it the team works in turns", "h")
    needs: Need | None = field("need", None, "what must be running for its people to be called; until then the call waits")
    where: Where | None = place()
    wheres: Mapping[str, Where] = places()


@dataclass(frozen=True, slots=True)
class Barrier:
    """A stage that may stop an escalation."""

    id: str
    label: Label = field("label", None, "name to show")
    works: Chance | None = field("chance", None, "chance that it works when asked for")
    shown: datetime.date | None = field("date", None, "when it was last shown to work; its evidence ages from there")
    tested: Duration | None = field("duration", None, "time between two tests that would show a hidden fault", "h")
    hidden: Rate | None = field("rate", None, "how often a fault arises that nobody sees", "1/yr")
    needs: Need | None = field("need", None, "what must be running for it to work")
    kind: str | None = field("text", None, "a kind of barrier of the evidence library, which brings the chance that it works")
    where: Where | None = place()
    wheres: Mapping[str, Where] = places()


@dataclass(frozen=True, slots=True)
class Target:
    """What an effect reaches: `half of pangyo/halls`, `each: site`, `tag: battery`, a component, a domain."""

    names: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    share: float = 1.0
    where: Where | None = place()


@dataclass(frozen=True, slots=True)
class Until:
    """End of an effect: a named time of the hazard (or `cleared`) or the return of a component, plus a duration; or a duration alone."""

    named: str | None = None
    back: str | None = None  # a component: the effect ends when this serves again
    plus: Duration | None = None
    where: Where | None = place()


@dataclass(frozen=True, slots=True)
class Effect:
    """One thing a hazard does. op: break destroy hold bar surge slow take trigger reveal."""

    op: str
    target: Target | None = None
    hazard: str | None = None  # trigger
    team: str | None = None  # take
    people: float = 0.0  # take: a number of people, or a share below 1 if `people_share`
    people_share: bool = False
    factor: float = 1.0  # surge, slow; trigger: the rate is multiplied by this (1: it happens now)
    since: str | None = None  # a named time of the hazard from which `after` counts; unless stated, its cause
    after: Duration | None = None
    chance: Chance | None = None
    unless: tuple[str, ...] = ()  # barriers; the effect happens when all of them fail
    when: Need | None = None  # it happens only while this is down
    until: Until | None = None
    then: tuple[Effect, ...] = ()
    where: Where | None = place()


def every_effect(effects: Iterable[Effect]) -> Iterator[Effect]:
    """Effects, each before those that follow from it."""
    for effect in effects:
        yield effect
        yield from every_effect(effect.then)


def broken_by(effects: Iterable[Effect]) -> list[str]:
    """Names of the components and places that effects break or destroy, whatever else must be so for it."""
    rows = (e for e in every_effect(effects) if e.op in ("break", "destroy") and e.target)
    return list(dict.fromkeys(name for e in rows for name in (e.target.names if e.target else ())))


@dataclass(frozen=True, slots=True)
class Again:
    factor: float = field("factor", 1.0, "its rate is multiplied by this, at least x1", name="rate", least=1.0)
    lasts: Duration | None = field("duration", None, "for this long after it came", "h", name="for")


@dataclass(frozen=True, slots=True)
class Hazard:
    """A misfortune that arrives at random."""

    id: str
    label: Label = field("label", None, "name to show")
    strikes: tuple[str, ...] = field("names", (), "domains or components; `each: site` makes one hazard for each domain of that kind")
    rate: Rate | None = field("rate", None, "how often it arrives", "1/yr")
    chance: Chance | None = field("chance", None, "chance that an arrival does anything (planned changes: chance per change)")
    effects: tuple[Effect, ...] = field("effects", (), "what it does; unless stated, it breaks what it strikes")
    lasts: Mapping[str, Duration] = field("lasts", None, "named times from its arrival: `{fire-out: 6h..22h}`", "h")
    again: Again | None = field("Again", None, "how much more likely it is to come again, and for how long")
    costs: Money | None = field("money", None, "damage paid at each arrival, beside the loss of service", "money")
    kind: str | None = field("text", None, "a kind of hazard of the evidence library, which brings how often it comes and how long it lasts")
    where: Where | None = place()
    wheres: Mapping[str, Where] = places()

    @property
    def does(self) -> tuple[Effect, ...]:
        """Its effects; one that states none breaks what it strikes."""
        if self.effects:
            return self.effects
        return (Effect(op="break", target=Target(names=self.strikes)),) if self.strikes else ()


@dataclass(frozen=True, slots=True)
class CommonCause:
    """A group of like components that also fail together."""

    id: str
    of: tuple[str, ...] = ()
    model: str = "beta"  # beta | alpha
    factors: tuple[float, ...] = ()
    where: Where | None = place()


@dataclass(frozen=True, slots=True)
class Defence:
    """Something money, people and time can buy; a cut is one with a negative cost."""

    id: str
    label: Label = field("label", None, "name to show")
    costs_once: Money | None = dataclasses.field(default=None, metadata={"name": "costs.once"})
    costs_yearly: Money | None = dataclasses.field(default=None, metadata={"name": "costs.yearly"})
    takes: Duration | None = field("duration", None, "time to put it in place", "h")
    paid_by: Label = field("label", None, "who pays for it, where that is not the one whose model it is; sums tell what each pays")
    people: tuple[Crew, ...] = field("crew", (), "people it binds")
    requires: tuple[str, ...] = field("names", (), "defences it needs first")
    excludes: tuple[str, ...] = field("names", (), "defences it cannot stand beside")
    state: str = "absent"  # absent | claimed | present | rehearsed
    state_date: datetime.date | None = None
    change: Any = None  # raw merge patch (`tree.patched`)
    where: Where | None = place()
    wheres: Mapping[str, Where] = places()


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of growth."""

    when: Duration | None = field("stage_time", None, "time from now, or a day when the model says `as_of`", "h")
    demand: float = field("multiple", 1.0, "demand is multiplied by this")
    loss: float = field("multiple", 1.0, "losses are multiplied by this")
    where: Where | None = place()


@dataclass(frozen=True, slots=True)
class Intended:
    """A warning or a note of `check` that is meant to be so."""

    finding: str | None = field("text", None, "the finding's word, as `check` prints it: `redundancy-in-one-place`")
    at: str | None = field("text", None, "what it is found at: a name (`api`) or the place that `check` prints (`services.api.needs`)")
    because: str | None = field("text", None, "why it is meant to be so")
    agreed: datetime.date | None = field("date", None, "when that was agreed")
    where: Where | None = place()


@dataclass(frozen=True, slots=True)
class Default:
    """One number the user did not state, and where it came from instead."""

    path: str  # e.g. components.db.fails
    value: str  # as text
    source: str  # evidence row ids, `history` (the firm's own), or the rule of the language
    title: str = ""
    where: Where | None = place()


@dataclass(frozen=True, slots=True)
class Update:
    """One number that the firm's own history changed, and what it was before.

    kind: rate (`seen` and `counted` are events, years) · chance (successes, failures) · duration (cases, geometric mean in hours).
    `counted` is what is left after ageing. `how`, `surprise`, `data_weight`, `kept`: see `evidence.update.Belief`. Of numbers that
    share their doubt there is one: `shared` is their name, `members` are the places of which the log tells, `path` the first of these.
    """

    path: str
    kind: str
    prior: Dist | None
    prior_text: str
    prior_source: str
    data: str  # what was seen, as text
    seen: tuple[float, float]
    counted: tuple[float, float]
    posterior: Dist
    posterior_text: str
    how: str
    surprise: float
    data_weight: float
    kept: float
    where: Where | None = place()
    shared: str = ""
    members: tuple[str, ...] = ()

    def tells_of(self, path: str, shared: str) -> bool:
        """Whether it is about the number at a place, or about all that share their doubt under its name."""
        return path == self.path or (self.shared != "" and shared == self.shared)


@dataclass(frozen=True)
class Model:
    """What the user wrote, in the user's words. Mappings keep the order of the file."""

    title: Label
    components: Mapping[str, Component]
    domains: Mapping[str, Domain]
    teams: Mapping[str, Team]
    hazards: Mapping[str, Hazard]
    barriers: Mapping[str, Barrier]
    defences: Mapping[str, Defence]
    common_causes: Mapping[str, CommonCause]
    growth: tuple[Stage, ...]
    currency: str | None  # every Money in the model is already in this currency
    as_of: datetime.date | None  # the day from which the age of evidence is counted
    defaults: tuple[Default, ...]  # everything that was not stated
    # the merged document tree with positions (load.py), for merge patches and dump
    raw: Any = dataclasses.field(compare=False, repr=False)
    files: tuple[str, ...] = dataclasses.field(default=(), compare=False)
    tolerance: Appetite | None = None  # what the whole firm can bear
    updates: tuple[Update, ...] = ()  # what the firm's own history changed
    intended: tuple[Intended, ...] = ()  # findings of the checks that are meant to be so

    @property
    def services(self) -> list[Component]:
        return [c for c in self.components.values() if c.is_service]
