"""Words that are units to a scientist but not to the SI: things that are counted, and other spellings."""

NUMBER_WORDS = {
    "dozen": 12.0,
    "dozens": 12.0,
    "hundred": 1e2,
    "hundreds": 1e2,
    "thousand": 1e3,
    "thousands": 1e3,
    "million": 1e6,
    "millions": 1e6,
    "billion": 1e9,
    "billions": 1e9,
}
"""A number word scales the noun after it; alone ("thousands") it counts things without a name."""

_SINGULARS = (
    "animal bacterium beat bird birth boy car case cell child colony copy count cycle death egg electron event fish "
    "flower frame girl gene hare household individual insect item larva lynx man mouse neuron nucleus "
    "organism particle patient peak pelt person photon pixel plant predator prey sample spike spin step student "
    "tree vehicle woman worker"
)
SINGULARS = tuple(_SINGULARS.split())

IRREGULAR = {
    "bacteria": "bacterium",
    "boys": "boy",
    "children": "child",
    "colonies": "colony",
    "copies": "copy",
    "fishes": "fish",
    "larvae": "larva",
    "lynxes": "lynx",
    "men": "man",
    "mice": "mouse",
    "nuclei": "nucleus",
    "people": "person",
    "women": "woman",
    "ind": "individual",
    "px": "pixel",
    "cts": "count",
}

SCALES_OF_THEIR_OWN = ("mag", "dB", "pH", "CFU", "PFU", "OD", "USD", "EUR")
"""Logarithmic, procedural and monetary units: no factor leads from them to the SI, so each is a base unit."""


def _counting_bases() -> dict[str, str]:
    regular = {singular: singular for singular in SINGULARS}
    plural = {f"{singular}s": singular for singular in SINGULARS}
    own = {name: name for name in SCALES_OF_THEIR_OWN}
    return {**plural, **regular, **IRREGULAR, **own}


COUNTING = _counting_bases()
"""Spelling -> base unit, for all that is counted: "pelts" -> "pelt"."""

SPELLINGS = {
    "Celsius": "degC",
    "℃": "degC",
    "deg_C": "degC",
    "degrees_C": "degC",
    "degrees_Celsius": "degC",
    "degrees_north": "deg",
    "degrees_east": "deg",
    "°": "deg",
    "Kelvin": "K",
    "Torr": "torr",
    "Ohm": "ohm",
    "ohms": "ohm",
    "bpm": "beat/min",
    "psu": "1e-3",
    "‰": "1e-3",
    "%": "1e-2",
    "G": "1e-4 T",
    "gauss": "1e-4 T",
    "Gauss": "1e-4 T",
}
"""Other spelling -> an expression that is understood (gauss has half-integer powers in its own system)."""

DIMENSIONLESS = frozenset({"1", "-", "–", "—", "dimensionless", "unitless"})

ARBITRARY = frozenset({"", "?", "a.u.", "a. u.", "arb", "arb.", "arb. u.", "arb. unit", "arb. units"}) | frozenset(
    {"arb.u.", "arbitrary", "arbitrary unit", "arbitrary units", "unknown"}
)
"""What people write when there is a unit but nobody knows which: the unit is unknown, not dimensionless."""

AMBIGUOUS = {"AU": "au for the astronomical unit or 1 for absorbance"}
"""Name -> what to write in its place."""

MISTAKEN = {"C": ("coulomb", "degC"), "F": ("farad", "degF")}
"""Symbol -> what it is in the SI, and what was probably meant beside a temperature."""
