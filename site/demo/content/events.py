"""What is on. Dates are rules, so that a demo loaded on any day looks right on that day.

`Sale.prices`: name -> (pounds, a line about it, more fields of the ticket type).
"""

from dataclasses import dataclass, field

from demo.content.dates import Day, Season


@dataclass(frozen=True)
class Sale:
    capacity: int
    prices: dict
    name: str = ""
    days_later: int = 0
    at: str = ""
    fields: dict = field(default_factory=dict)
    opens_in: int | None = None
    """Days from now; empty: on sale already."""
    sold: int = 0
    """Free tickets that the demo's own buyers have taken."""


@dataclass(frozen=True)
class Event:
    title: str
    scene: str
    summary: str
    shows: str
    when: Day | Season
    at: str
    until: str
    venue: str
    organiser: str
    categories: tuple
    story: tuple = ()
    sales: tuple = ()
    doors: str = ""
    until_days_later: int = 0
    fields: dict = field(default_factory=dict)


EVENTS = (
    Event(
        title="Sea Shanties at the Slip",
        scene="harbour",
        summary="Forty voices, one accordion and the tide for percussion. Join in: nobody minds how you sing.",
        shows="Sailing boats below a huge yellow sun, waves cut like paper",
        when=Day(9, weekday=5),
        at="19:30",
        doors="18:45",
        until="21:45",
        venue="slip",
        organiser="harbour",
        categories=("music", "family"),
        fields={"age_limit": "All ages; under 12s with an adult.", "refund_rule": "day_before"},
        sales=(
            Sale(
                180,
                {
                    "Adult": ("12.00", "", {}),
                    "Under 16": ("6.00", "With an adult.", {}),
                    "Family": ("32.00", "Two adults and up to three children.", {"limit": 20, "max_per_order": 2}),
                    "Crew": ("4.00", "For people who help us to carry the chairs.", {"access_code": "HEAVEHO"}),
                },
                fields={"max_per_order": 8},
            ),
        ),
        story=(
            (
                "text",
                "<p>When the tide is in, the harbour wall gives back every chorus half a second late. We have sung "
                "against it for eleven years and have not won yet.</p><p>The first half is work songs: capstan, "
                "halyard, pumps. After the interval come the ones that were kept for the tavern, with the words on "
                "a sheet so that nobody can say they did not know them.</p>",
            ),
            ("quote", ("I came for one song and left hoarse.", "A visitor from Grouville")),
            (
                "line_up",
                (
                    "Who is singing",
                    (
                        ("Harbour Voices", "All forty of us"),
                        ("Maëlle Le Brocq", "Accordion"),
                        ("The Pilot Gig Crew", "Four verses, rowing motions included"),
                    ),
                ),
            ),
            (
                "questions",
                (
                    "Before you come",
                    (
                        ("What if it rains?", "<p>We sing under the awning of the Boat House. Bring a coat.</p>"),
                        ("May I bring the dog?", "<p>Yes, if it can bear high notes.</p>"),
                    ),
                ),
            ),
        ),
    ),
    Event(
        title="Corbière by Lantern",
        scene="lighthouse",
        summary="Cross the causeway at low tide by the light of your own lantern, with a keeper’s granddaughter.",
        shows="A lighthouse on red rocks, its beam across a starry night",
        when=Day(16, weekday=4),
        at="20:00",
        until="21:30",
        venue="corbiere",
        organiser="rock",
        categories=("outdoors", "heritage"),
        fields={"age_limit": "From 8 years; children with an adult.", "refund_rule": "day_before"},
        sales=(
            Sale(
                24, {"Lantern place": ("0.00", "Free, thanks to the parish.", {})}, fields={"max_per_order": 6}, sold=24
            ),
        ),
        story=(
            (
                "text",
                "<p>The first concrete lighthouse in the British Isles has been lit since 1874. Jeanne’s grandfather "
                "kept it through the Occupation, and she tells what he would only tell at night.</p><p>We turn back "
                "when the tide says so, not before and certainly not after.</p>",
            ),
        ),
    ),
    Event(
        title="The Cider Fair",
        scene="orchard",
        summary="A horse turns the granite press, black butter simmers in the yard, and every apple finds its use.",
        shows="Rows of red, white and yellow apples on green",
        when=Season(10, 10, weekday=5),
        at="10:00",
        until="17:00",
        until_days_later=1,
        venue="hamptonne",
        organiser="parish",
        categories=("food", "heritage", "family"),
        sales=(
            Sale(
                600,
                {
                    "Adult": ("8.00", "", {}),
                    "Under 16": ("4.00", "", {}),
                    "Under 5": ("0.00", "Free, and may help the horse.", {}),
                    "Presser’s breakfast": ("24.00", "At nine, before the gates open.", {"limit": 30}),
                },
                name="Saturday",
            ),
            Sale(
                600,
                {"Adult": ("8.00", "", {}), "Under 16": ("4.00", "", {}), "Under 5": ("0.00", "", {})},
                name="Sunday",
                days_later=1,
            ),
        ),
        story=(
            ("text", "<p>In 1801 a fifth of the island was orchard. For one weekend a corner of it still is.</p>"),
            (
                "schedule",
                (
                    "Both days",
                    (
                        ("10:00", "Gates open, the press is harnessed"),
                        ("11:30", "Black butter: who can stir longest?"),
                        ("14:00", "Country dancing in the yard"),
                        ("16:30", "Last pressing; bring a bottle"),
                    ),
                ),
            ),
        ),
    ),
    Event(
        title="A Midsummer Night’s Dream",
        scene="castle",
        summary="Shakespeare’s lovers lose themselves in a castle instead of a wood. Bring a rug and a warm coat.",
        shows="A castle under a thin moon, yellow light in its windows",
        when=Season(6, 19, weekday=4),
        at="19:30",
        doors="18:30",
        until="22:00",
        until_days_later=1,
        venue="mont_orgueil",
        organiser="players",
        categories=("stage",),
        fields={"age_limit": "From 7 years.", "refund_rule": "week_before"},
        sales=tuple(
            Sale(
                220,
                {
                    "Adult": ("24.00", "", {}),
                    "Under 16 or student": ("18.00", "", {}),
                    "Companion": ("0.00", "For somebody who comes to help you.", {"max_per_order": 1}),
                },
                name=name,
                days_later=days,
                at=at,
                fields={"fee_policy": "pass_on", "booking_fee": "1.50"},
            )
            for name, days, at in (("Friday", 0, "19:30"), ("Saturday matinée", 1, "14:30"), ("Saturday", 1, "19:30"))
        ),
        story=(
            (
                "text",
                "<p>Puck starts on the battlements. You will follow on foot: three wards, two changes of mind and one "
                "donkey. There is a chair for everyone who wants one.</p>",
            ),
            ("quote", ("Lord, what fools these mortals be!", "Puck, Act 3")),
        ),
    ),
    Event(
        title="Solstice at the Dolmen",
        scene="dolmen",
        summary="Watch the year’s shortest day end over a mound that was already old when Stonehenge was new.",
        shows="Standing stones in front of a setting sun with rays",
        when=Season(12, 19, weekday=5),
        at="15:15",
        until="17:00",
        venue="hougue_bie",
        organiser="rock",
        categories=("heritage", "outdoors", "family"),
        sales=(Sale(120, {"Place on the mound": ("0.00", "Free. A collection goes to the site.", {})}),),
        story=(("text", "<p>Soup in the orchard afterwards. If it is cloudy we light fires instead.</p>"),),
    ),
    Event(
        title="Island Youth Jazz Orchestra",
        scene="staves",
        summary="Twenty-six players under twenty, two shows in one day, and a trumpet section you will hear in France.",
        shows="Musical notes on a waving stave, red ground",
        when=Day(23, weekday=6),
        at="15:00",
        doors="14:30",
        until="22:00",
        venue="opera_house",
        organiser="music",
        categories=("music", "family"),
        fields={"refund_rule": "day_before"},
        sales=(
            Sale(
                320,
                {"Stalls": ("16.00", "", {}), "Circle": ("12.00", "", {}), "Under 18": ("6.00", "Anywhere.", {})},
                name="Matinée",
            ),
            Sale(
                320,
                {"Stalls": ("20.00", "", {}), "Circle": ("16.00", "", {}), "Under 18": ("6.00", "Anywhere.", {})},
                name="Evening",
                at="19:30",
            ),
        ),
        story=(
            ("text", "<p>Ellington, Mingus, a new suite called <em>Fog at Ten</em> by first trombone Inês, 17.</p>"),
        ),
    ),
    Event(
        title="Saltwater: Surf Films",
        scene="surf",
        summary="Three short films on a sail stretched over the sea wall, with the real waves running below them.",
        shows="A great curling wave, a yellow board and a red sun",
        when=Season(7, 17, weekday=5, at_least=40),
        at="21:30",
        until="23:15",
        venue="laveurs",
        organiser="film",
        categories=("stage", "outdoors"),
        sales=(Sale(150, {"Deck chair": ("14.00", "", {}), "Bring your own": ("8.00", "", {})}, opens_in=21),),
        story=(("text", "<p>Blankets are good, wetsuits are better. Hot chocolate from the kiosk.</p>"),),
    ),
    Event(
        title="Parade of Flowers Breakfast",
        scene="flowers",
        summary="Help to pin the last ten thousand blooms on the floats, and eat with the people who grew them.",
        shows="Big cut-paper flowers on pink",
        when=Season(8, 13, weekday=3),
        at="07:30",
        until="10:00",
        venue="st_saviour_hall",
        organiser="parish",
        categories=("food", "family"),
        story=(("text", "<p>No ticket, no list: come early, bring scissors.</p>"),),
    ),
    Event(
        title="Ceilidh in the Big Barn",
        scene="tiles",
        summary="A caller with patience, a band without any, and a supper of bean crock in between.",
        shows="A dance of coloured quarter circles",
        when=Day(37, weekday=5),
        at="19:00",
        doors="18:30",
        until="23:30",
        venue="manor_barn",
        organiser="parish",
        categories=("music", "food"),
        fields={"age_limit": "From 10 years after 9 pm."},
        sales=(
            Sale(
                140,
                {
                    "Dance and supper": ("22.00", "Bean crock or its vegetable sister.", {}),
                    "Dance only": ("14.00", "", {}),
                    "Table of eight": ("160.00", "Reserved, with supper.", {"limit": 6, "max_per_order": 1}),
                },
                fields={"fee_policy": "pass_on", "booking_fee": "0.50"},
            ),
        ),
        story=(("text", "<p>Every dance is walked through first. The last one is not, and that is the fun.</p>"),),
    ),
    Event(
        title="Pictures under the Stars",
        scene="cinema",
        summary="An old comedy, a big screen, a lawn full of blankets and the last ice cream of the summer.",
        shows="An open-air cinema screen above rows of coloured heads",
        when=Season(9, 4, weekday=5, at_least=20),
        at="20:30",
        until="22:30",
        venue="howard_davis",
        organiser="film",
        categories=("stage", "family"),
        fields={
            "status": "postponed",
            "status_note": "The projector is being mended. A new date comes within the month; tickets stay valid.",
        },
        sales=(Sale(300, {"Adult": ("10.00", "", {}), "Under 16": ("4.00", "", {})}),),
    ),
    Event(
        title="The Black Dog of Bouley Bay",
        scene="black_dog",
        summary="He is the size of a bull, with eyes like saucers. Smugglers invented him, they say. Come and check.",
        shows="A black dog with enormous yellow eyes",
        when=Day(31, weekday=2),
        at="20:30",
        until="22:00",
        venue="bouley",
        organiser="rock",
        categories=("heritage", "outdoors"),
        fields={"age_limit": "From 10 years. Not for the nervous."},
        sales=(
            Sale(
                40,
                {
                    "Walker": ("9.50", "", {}),
                    "Under 16": ("4.75", "", {}),
                    "Trinity parishioner": (
                        "7.00",
                        "With the word from your parish magazine.",
                        {"access_code": "TCHIAN"},
                    ),
                },
            ),
        ),
        story=(
            (
                "text",
                "<p>The dragging chain, the circling steps, the eyes: everybody in Trinity knew somebody who had seen "
                "him, and nobody went down to the harbour while the brandy came in.</p>",
            ),
        ),
    ),
    Event(
        title="Round the Lanes 10K",
        scene="lanes",
        summary="Ten kilometres of green lanes, two honesty boxes, one hill that has no right to be there.",
        shows="A lane winding through green hills to the sun",
        when=Season(5, 2, weekday=6),
        at="10:00",
        until="12:30",
        venue="st_john_school",
        organiser="parish",
        categories=("outdoors",),
        fields={"age_limit": "Runners from 15 years.", "refund_rule": "week_before"},
        sales=(
            Sale(
                400,
                {
                    "Early entry": ("16.00", "The cheap one, for those who plan.", {"closed": True}),
                    "Entry": ("20.00", "Chip time, medal and cake.", {}),
                    "Wheelchair or guide runner": ("10.00", "", {}),
                },
            ),
        ),
    ),
    Event(
        title="Island Book Weekend",
        scene="books",
        summary="Nine writers, one marquee, and the second-hand stall that people queue for at dawn.",
        shows="A shelf of coloured book spines, one of them leaning",
        when=Season(3, 13, weekday=5),
        at="09:30",
        until="17:30",
        until_days_later=1,
        venue="st_peter_hall",
        organiser="makers",
        categories=("talks", "family"),
        fields={"status": "elsewhere", "link": "https://madebyhand.example/books/"},
        story=(
            (
                "text",
                "<p>Tickets are sold over the counter of both bookshops in town, and on the organiser’s site.</p>",
            ),
        ),
    ),
    Event(
        title="Makers’ Market",
        scene="pots",
        summary="Thirty tables of things made within nine miles of here. Free to come in, hard to leave empty-handed.",
        shows="Three striped pots before a yellow sun",
        when=Day(6, weekday=6),
        at="10:00",
        until="16:00",
        venue="st_clement_hall",
        organiser="makers",
        categories=("making", "food", "family"),
        story=(
            ("text", "<p>No ticket needed. Coffee by the Scouts, cake by their grandmothers.</p>"),
            (
                "call",
                ("Would you like a table?", "Made here, by you: that is the only rule.", "Ask for one"),
            ),
        ),
    ),
    Event(
        title="Carols by Candlelight",
        scene="choir",
        summary="Nine lessons, four choirs and eight hundred candles in the old town church.",
        shows="Rows of singers with open mouths in a church",
        when=Season(12, 17, weekday=4),
        at="19:00",
        doors="18:15",
        until="20:30",
        venue="town_church",
        organiser="music",
        categories=("music", "family"),
        fields={"refund_rule": "day_before"},
        sales=(
            Sale(
                420,
                {
                    "Nave": ("10.00", "", {}),
                    "Side aisle": ("6.00", "Some pillars.", {}),
                    "Child on a lap": ("0.00", "Under 5.", {}),
                },
            ),
        ),
        story=(("text", "<p>One carol is in Jèrriais. You will be taught it at the door.</p>"),),
    ),
    Event(
        title="Stars over Les Landes",
        scene="star_trails",
        summary="The darkest corner of the island, four telescopes and nobody’s phone.",
        shows="Rings of star trails over a dark headland",
        when=Day(13, weekday=5),
        at="20:00",
        until="22:30",
        venue="landes",
        organiser="rock",
        categories=("outdoors", "talks"),
        fields={
            "status": "cancelled",
            "status_note": "Gales are forecast and the telescopes would fly. Everybody who paid gets all of it back.",
        },
        sales=(Sale(60, {"Adult": ("8.00", "", {}), "Under 16": ("4.00", "", {})}),),
    ),
    Event(
        title="Knit Night: the True Jersey",
        scene="knitting",
        summary="Learn the stitch that dressed Nelson’s navy. Needles lent, wool to keep, tea without end.",
        shows="Knitted stitches seen close, blue with a yellow pattern",
        when=Day(19, weekday=2),
        at="18:30",
        until="21:00",
        venue="st_peter_hall",
        organiser="makers",
        categories=("making", "heritage"),
        sales=(Sale(20, {"Seat at the table": ("0.00", "Free; wool is paid for by a grant.", {})}, sold=15),),
        story=(("text", "<p>So many islanders knitted that a law of 1608 forbade it at harvest time.</p>"),),
    ),
    Event(
        title="Oyster Day at La Rocque",
        scene="shells",
        summary="Walk out to the beds on the ebb, come back to a table on the quay.",
        shows="Rows of scallop shells in many colours",
        when=Season(4, 10, weekday=5),
        at="11:00",
        until="15:30",
        venue="la_rocque",
        organiser="parish",
        categories=("food", "outdoors"),
        sales=(
            Sale(
                90,
                {
                    "Walk and a dozen": ("28.00", "", {}),
                    "Walk and half a dozen": ("20.00", "", {}),
                    "Walk only": ("8.00", "", {}),
                },
                fields={"fee_policy": "pass_on", "booking_fee": "1.00"},
            ),
        ),
        story=(("text", "<p>The moon decides the hour. Boots that may get wet, please.</p>"),),
    ),
    Event(
        title="Cliffs and Gulls: a Walk",
        scene="cliffs",
        summary="Fulmars, choughs and, with luck, the last puffins: along the north coast with a ranger.",
        shows="Gulls over red cliffs and a blue sea",
        when=Season(4, 24, weekday=6),
        at="09:00",
        until="12:00",
        venue="bonne_nuit",
        organiser="rock",
        categories=("outdoors", "family"),
        sales=(Sale(18, {"Adult": ("6.00", "", {}), "Under 16": ("0.00", "", {})}, fields={"max_per_order": 4}),),
    ),
    Event(
        title="Thunder and Pipes: Organ Recital",
        scene="organ",
        summary="Bach, Boëllmann and a storm improvised on whatever the audience calls out.",
        shows="Blue organ pipes in a row",
        when=Day(-24, weekday=6),
        at="16:00",
        until="17:15",
        venue="st_lawrence_church",
        organiser="music",
        categories=("music",),
        sales=(Sale(200, {"Anywhere": ("8.00", "", {})}),),
    ),
    Event(
        title="Harvest Supper",
        scene="supper",
        summary="Long tables, new cider and the parish’s longest speech, this year limited by an egg timer.",
        shows="A plate with a flower, knife and fork",
        when=Day(-60, weekday=5),
        at="18:30",
        until="22:00",
        venue="st_clement_hall",
        organiser="parish",
        categories=("food",),
        sales=(Sale(110, {"Supper": ("18.00", "", {})}),),
    ),
)

FEATURED = (
    "A Midsummer Night’s Dream",
    "Sea Shanties at the Slip",
    "Island Youth Jazz Orchestra",
    "Carols by Candlelight",
    "Ceilidh in the Big Barn",
)
