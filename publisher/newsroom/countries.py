"""Finds the country that a dateline names, from its own name or from one of its parts."""

import re
import unicodedata
from functools import cache

from babel import Locale

_LANGUAGES = ("en", "de", "fr", "es")
_NOT_COUNTRIES = frozenset({"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN"})
_PRIVATE = frozenset({"XA", "XB", "ZZ"})
_OTHER_NAMES = {
    "US": ("USA", "U.S.", "U.S.A.", "United States of America"),
    "GB": ("UK", "U.K.", "Britain", "Great Britain"),
    "AE": ("UAE", "U.A.E."),
    "BA": ("Bosnia", "Bosnia-Herzegovina"),
    "CD": ("Congo", "Democratic Republic of Congo", "Democratic Republic of the Congo", "DRC"),
    "CG": ("Republic of Congo", "Republic of the Congo"),
    "CI": ("Ivory Coast",),
    "CV": ("Cabo Verde",),
    "CZ": ("Czech Republic",),
    "HK": ("Hong Kong",),
    "MK": ("Macedonia",),
    "MM": ("Myanmar", "Burma"),
    "MO": ("Macao", "Macau"),
    "PS": ("Palestine",),
    "SZ": ("Swaziland",),
    "TL": ("East Timor",),
    "TR": ("Turkey",),
    "TT": ("Trinidad",),
    "VA": ("Vatican",),
}
# As printed in datelines, with spaces left out; not the state of Georgia, which is a country whole.
_PARTS = {
    "US": "Ala. Ariz. Ark. Calif. Colo. Conn. D.C. Del. Fla. Ga. Ill. Ind. Kan. Ky. La. Mass. Md. "
    "Mich. Minn. Miss. Mo. Mont. N.C. N.D. N.H. N.J. N.M. N.Y. Neb. Nev. Okla. Ore. Pa. R.I. S.C. "
    "S.D. Tenn. Va. Vt. W.Va. Wash. Wis. Wyo. Alabama Alaska Arizona Arkansas California Colorado "
    "Connecticut Delaware Florida Hawaii Idaho Illinois Indiana Iowa Kansas Kentucky Louisiana "
    "Maine Maryland Massachusetts Michigan Minnesota Mississippi Missouri Montana Nebraska Nevada "
    "NewHampshire NewJersey NewMexico NewYork NorthCarolina NorthDakota Ohio Oklahoma Oregon "
    "Pennsylvania RhodeIsland SouthCarolina SouthDakota Tennessee Texas Utah Vermont Virginia "
    "Washington WestVirginia Wisconsin Wyoming",
    "CA": "Alberta BritishColumbia Manitoba NewBrunswick Newfoundland NovaScotia Ontario "
    "PrinceEdwardIsland Quebec Saskatchewan Yukon",
    "GB": "England NorthernIreland Scotland Wales",
}


def find_country(name: str) -> tuple[str, str] | None:
    """Return a country's name and its ISO 3166-1 alpha-2 code, or None if it is not one.

    A country keeps the name it was printed with; a state or province gives its country's name.
    """
    if code := _parts().get(_dotted_key(name)):
        return str(Locale("en").territories[code]), code
    if code := _countries().get(_key(name)):
        return name, code
    return None


@cache
def _countries() -> dict[str, str]:
    found: dict[str, str] = {}
    for code, names in _OTHER_NAMES.items():
        found |= dict.fromkeys(map(_key, names), code)
    for language in _LANGUAGES:
        for code, name in Locale(language).territories.items():
            if len(code) == 2 and code not in _NOT_COUNTRIES | _PRIVATE:  # noqa: PLR2004 (alpha-2)
                found.setdefault(_key(name), code)
    return found


@cache
def _parts() -> dict[str, str]:
    return {_dotted_key(name): code for code, names in _PARTS.items() for name in names.split()}


def _key(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.casefold().replace("&", " and "))
    words = re.sub(r"[^\w\s-]", "", "".join(c for c in plain if not unicodedata.combining(c)))
    return re.sub(r"^the ", "", " ".join(words.replace("-", " ").split()))


def _dotted_key(name: str) -> str:
    """Keep the dots: `Ga.` is Georgia in America, `Georgia` the country."""
    return "".join(name.casefold().split())
