"""Writes the model of names from the public suffix list and words. Usage: make_names_model.py RULES [OUT].

RULES is `data/rules.txt` of the Rust crate `psl` that is compiled in, under the registry of cargo. The same
rules and this same script give the same bytes: nothing is drawn by chance without a seed, nothing is fetched.
"""

import json
import math
import random
import re
import sys
from collections import Counter
from itertools import product
from pathlib import Path

OUT = Path(__file__).resolve().parents[1] / "python" / "oddwire" / "features" / "names_model.json"
DOCS = Path(__file__).resolve().parents[1] / "docs"
# Letters, any digit, the hyphen, and the edge of a name.
ALPHABET = "abcdefghijklmnopqrstuvwxyz0-^"
# How a surprise in bits is written: a letter for each quarter of a bit, from 0 to 15.
LEVELS = "".join(chr(code) for code in range(35, 96) if chr(code) != "\\")
WORDS = """
about access account action active adam agent air all alpha amazon american analytics android angel api apple
app art asia assets auth auto baby back bank banner bay beauty best beta big bike bing bird black blog blue
board boat body book boot boston box brand bright bring buy cache cake call camp car card care cart case cash
cast cat cdn center central chain change channel chat cheap check chicago child china choice church city class
clean clear click client clinic cloud club code coffee collect color com comment common compare computer
connect contact content control cool corner count country course cover craft creative credit cross crypto
customer daily dance data date deal dental design desk dev diet digital direct discount doctor dog dollar
domain door download dream drive drop earth east easy eat eco edge edu education electric elite email energy
engine english enterprise estate euro event ever exchange express eye face factory family fan farm fashion
fast feed field file film finance find fire first fish fit five flash flex flight flow flower fly font food
foot force forest forum found free fresh friend front fuel full fun fund future galaxy game garden gate gear
gene get gift girl global gold golf good graph great green grid ground group grow guard guide gym hack hair
hand happy hawk head health heart help here high hill hit holiday home honey hope host hot hotel house hub
human ice idea image impact inbox index info ink inn insurance inter invest iron island item java jet job join
journal joy jump just key kid kind king kit kitchen lab label lake land laser launch law lead learn legal lens
level library life light line link lion list live load loan local lock log logic logo london long look loop
lotus love luck lux mac machine magic mail main make man map market marketing master match math matrix max
media medical meet mega member menu message meta metal metric micro mind mini mirror mix mobile model money
monitor monster moon more mortgage motion motor mountain mouse move movie music name nation natural nature net
network new news next night nine noble nord north note nova ocean office oil old omega one online open optic
orange order organic outlook over page paint panel paper park partner party pass path pay peak pen people
perfect pet phone photo pilot pink pixel pizza place plan planet plant plastic platform play plus point pool
pop port portal post power press price prime print private pro product profile project proof prop public pulse
pure push quality quest quick quiz race radio rail rain rank rapid read real record red region register rent
report research resort rest review rich ride right ring rise river road robot rock room root rose royal run
safe sale salon sand save scan school science scout sea search season second secure security seed sell send
sense server service shadow shape share sharp ship shop short show side sign signal silver simple site six sky
sleep small smart smile snap snow social soft solar solution sonic sound source south space spark speed spin
sport spot spring square stack staff stage standard star start state static station steel step stock stone
storage store storm story stream street strong studio study style sugar summer sun super support sure surf
sweet swift sync system table tag talent talk target task taste tax team tech tele ten term test text theme
think ticket tiger time tip titan today token tool top total touch tour tower town toy track trade traffic
trail train transfer travel tree trend trip truck true trust turbo turn two ultra union unit united universe
up update upgrade urban user value van vector vegas vendor venture video view village vision vista visit vita
voice wagon walk wall watch water wave way wealth wear weather web wedding weight west wheel white wiki wild
win wind window wine wing winter wire wise wolf woman wonder wood word work world write yellow yoga you young
zen zero zone google facebook youtube twitter instagram linkedin wikipedia yahoo reddit netflix microsoft
windows akamai fastly cloudflare azure github gitlab mozilla firefox adobe oracle cisco intel samsung huawei
xiaomi tencent alibaba baidu taobao weibo yandex rambler spotify dropbox slack zoom skype whatsapp telegram
signal paypal stripe visa mastercard ebay etsy shopify wordpress tumblr pinterest flickr vimeo twitch steam
double click adserver adsystem syndication tracker pixel insight quant score census optimizer criteo taboola
outbrain rubicon pubmatic openx appnexus casale sizmek moat demdex omniture newrelic segment amplitude branch
"""
SYLLABLES = """
b c d f g h j k l m n p r s t v w z br ch cl cr dr fl fr gr pl pr sh sk sl sm sp st th tr
a e i o u a e i o ai ea ee ia io oo ou
- - - - n r s t l m ck nd ng nt rd rt st x y
"""
ONSETS, VOWELS, CODAS = (line.split() for line in SYLLABLES.strip().splitlines())


def words(rules: Path) -> list[str]:
    """Return what names are made of: labels of suffixes, words of ours, pairs of them, and made syllables."""
    labels = [label for line in _rules(rules) for label in line.split(".") if len(label) > 1]
    plain = [label for label in labels if not label.startswith("xn--") and label.isascii()]
    ours = WORDS.split()
    docs = sorted(
        {
            word
            for page in sorted(DOCS.glob("*.md"))
            for word in re.findall(r"[a-z]{3,14}", page.read_text().lower())
        }
    )
    dice = random.Random(20_240_310)  # noqa: S311  # the same words every time
    pairs = [dice.choice(ours) + dice.choice(("", "", "", "-")) + dice.choice(ours) for _ in range(6_000)]
    return plain + 3 * ours + docs + pairs + [_syllables(dice) for _ in range(6_000)]


def _rules(rules: Path) -> list[str]:
    lines = rules.read_text(encoding="utf-8").split()
    return [line.removeprefix("!").removeprefix("*.") for line in lines]


def _syllables(dice: random.Random) -> str:
    """Return a word such as people make up: syllables that can be spoken, now and then a digit."""
    parts = [
        dice.choice(ONSETS) + dice.choice(VOWELS) + dice.choice(CODAS).strip("-")
        for _ in range(dice.randint(1, 4))
    ]
    return "".join(parts) + (str(dice.randrange(100)) if dice.random() < 0.06 else "")  # noqa: PLR2004  # now and then


def surprises(names: list[str]) -> str:
    """Return the surprise of each letter after two others, in order of the alphabet, as text."""
    three: Counter[str] = Counter()
    for name in names:
        text = "^^" + re.sub(r"[^a-z0-]", "-", re.sub(r"[0-9]", "0", name.lower())) + "^"
        three.update(text[at : at + 3] for at in range(len(text) - 2))
    two: Counter[str] = Counter()
    pair_before: Counter[str] = Counter()
    one: Counter[str] = Counter()
    before: Counter[str] = Counter()
    for gram, count in three.items():
        pair_before[gram[:2]] += count
        two[gram[1:]] += count
        before[gram[1]] += count
        one[gram[2]] += count
    total = sum(one.values())

    def bits(a: str, b: str, c: str) -> float:
        single = (one[c] + 1) / (total + len(ALPHABET))
        double = (two[b + c] + 8 * single) / (before[b] + 8)
        triple = (three[a + b + c] + 6 * double) / (pair_before[a + b] + 6)
        return -math.log2(0.85 * triple + 0.12 * double + 0.03 * single)

    steps = (min(round(4 * bits(*gram)), len(LEVELS) - 1) for gram in product(ALPHABET, repeat=3))
    return "".join(LEVELS[step] for step in steps)


def main() -> None:
    """Write the model."""
    rules = Path(sys.argv[1])
    out = Path(sys.argv[2]) if len(sys.argv) > 2 else OUT  # noqa: PLR2004  # the second word, if any
    suffixes = sorted({line.rsplit(".", 1)[-1] for line in _rules(rules)})
    model = {
        "alphabet": ALPHABET,
        "levels": LEVELS,
        "surprises": surprises(words(rules)),
        "top_level": " ".join(suffixes),
    }
    out.write_text(json.dumps(model, ensure_ascii=True, indent=0) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
