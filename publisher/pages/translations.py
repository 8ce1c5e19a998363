"""The words that the house itself says to readers, in the languages it speaks.

A newsletter in a language that is not here gets the English words. A new language is one more
table; a test holds every table to the same keys and the same `{fields}`.
"""

from collections.abc import Mapping
from typing import Final

from publisher.pages.languages import locale_of

ENGLISH: Final[Mapping[str, str]] = {
    "read_on_web": "Read this on the web",
    "top_story": "Top story",
    "read_story": "Read the story",
    "read_time": "{n} min read",
    "minutes": "{n} min",
    "by": "By {name}",
    "picture_credit": "Picture: {name}",
    "correction": "Correction",
    "more_in": "More in {section}",
    "why_any": "You get this because you subscribed to {newsletter}.",
    "why_immediate": "You get {newsletter} as it happens, because you subscribed to it.",
    "why_daily": "You get {newsletter} every day, because you subscribed to it.",
    "why_weekly": "You get {newsletter} every week, because you subscribed to it.",
    "change": "Change what you get",
    "all_newsletters": "All newsletters",
    "unsubscribe": "Unsubscribe",
    "plus": "Plus: {titles}",
    "confirm_subject": "Please confirm: {newsletters}",
    "confirm_title": "One more step",
    "confirm_text": "Somebody, we hope you, asked to get {newsletters} from {site_name} at this "
    "address. Please confirm that you want it; until you do, we send nothing.",
    "confirm_button": "Confirm my subscription",
    "confirm_valid": "The link works for {n} days.",
    "confirm_ignore": "If this was not you, do nothing. We will not write again.",
    "welcome_subject": "Welcome to {newsletters}",
    "welcome_title": "You are in",
    "welcome_text": "Thank you. {newsletters} from {site_name} will come to this address.",
    "welcome_leave": "If you change your mind, one click is enough to leave.",
    "goodbye_subject": "You are unsubscribed from {newsletters}",
    "goodbye_title": "You are unsubscribed",
    "goodbye_text": "{newsletters} will not come to this address any more. Nothing else has "
    "changed.",
    "goodbye_back": "If this was a mistake, you are welcome back.",
}

GERMAN: Final[Mapping[str, str]] = {
    "read_on_web": "Im Browser lesen",
    "top_story": "Das Wichtigste",
    "read_story": "Zum Artikel",
    "read_time": "{n} Min. Lesezeit",
    "minutes": "{n} Min.",
    "by": "Von {name}",
    "picture_credit": "Bild: {name}",
    "correction": "Korrektur",
    "more_in": "Mehr aus {section}",
    "why_any": "Sie erhalten dies, weil Sie {newsletter} abonniert haben.",
    "why_immediate": "Sie haben {newsletter} abonniert und erhalten es, sobald etwas geschieht.",
    "why_daily": "Sie haben {newsletter} abonniert und erhalten es jeden Tag.",
    "why_weekly": "Sie haben {newsletter} abonniert und erhalten es jede Woche.",
    "change": "Auswahl ändern",
    "all_newsletters": "Alle Newsletter",
    "unsubscribe": "Abbestellen",
    "plus": "Außerdem: {titles}",
    "confirm_subject": "Bitte bestätigen: {newsletters}",
    "confirm_title": "Noch ein Schritt",
    "confirm_text": "Jemand, hoffentlich Sie, möchte {newsletters} von {site_name} an diese "
    "Adresse bekommen. Bitte bestätigen Sie das; vorher senden wir nichts.",
    "confirm_button": "Abonnement bestätigen",
    "confirm_valid": "Der Link gilt {n} Tage.",
    "confirm_ignore": "Waren Sie das nicht, müssen Sie nichts tun. Wir schreiben nicht "
    "noch einmal.",
    "welcome_subject": "Willkommen bei {newsletters}",
    "welcome_title": "Es hat geklappt",
    "welcome_text": "Vielen Dank. Sie bekommen {newsletters} von {site_name} ab jetzt an diese "
    "Adresse.",
    "welcome_leave": "Wenn Sie es sich anders überlegen, genügt ein Klick zum Abbestellen.",
    "goodbye_subject": "Abbestellt: {newsletters}",
    "goodbye_title": "Sie haben abbestellt",
    "goodbye_text": "Sie bekommen {newsletters} nicht mehr an diese Adresse. Sonst hat sich "
    "nichts geändert.",
    "goodbye_back": "War das ein Versehen? Sie sind jederzeit wieder willkommen.",
}

ARABIC: Final[Mapping[str, str]] = {
    "read_on_web": "اقرأ هذا العدد على الويب",
    "top_story": "الخبر الرئيسي",
    "read_story": "اقرأ الخبر كاملاً",
    "read_time": "مدة القراءة: {n} د",
    "minutes": "{n} د",
    "by": "بقلم {name}",
    "picture_credit": "الصورة: {name}",
    "correction": "تصحيح",
    "more_in": "المزيد من {section}",
    "why_any": "تصلك هذه الرسالة لأنك مشترك في {newsletter}.",
    "why_immediate": "تصلك نشرة {newsletter} فور وقوع الأحداث لأنك مشترك فيها.",
    "why_daily": "تصلك نشرة {newsletter} كل يوم لأنك مشترك فيها.",
    "why_weekly": "تصلك نشرة {newsletter} كل أسبوع لأنك مشترك فيها.",
    "change": "تغيير ما يصلك",
    "all_newsletters": "كل النشرات البريدية",
    "unsubscribe": "إلغاء الاشتراك",
    "plus": "وأيضًا: {titles}",
    "confirm_subject": "يرجى التأكيد: {newsletters}",
    "confirm_title": "خطوة واحدة بقيت",
    "confirm_text": "طلب أحدهم، ونأمل أن يكون أنت، تلقي {newsletters} من {site_name} على هذا "
    "العنوان. يرجى تأكيد ذلك؛ ولن نرسل شيئًا قبل التأكيد.",
    "confirm_button": "تأكيد الاشتراك",
    "confirm_valid": "مدة صلاحية الرابط بالأيام: {n}.",
    "confirm_ignore": "إن لم يكن الطلب منك فلا تفعل شيئًا، ولن نكتب إليك مرة أخرى.",
    "welcome_subject": "أهلاً بك في {newsletters}",
    "welcome_title": "تم الاشتراك",
    "welcome_text": "شكرًا لك. ستصلك {newsletters} من {site_name} على هذا العنوان.",
    "welcome_leave": "إن غيّرت رأيك فنقرة واحدة تكفي لإلغاء الاشتراك.",
    "goodbye_subject": "تم إلغاء اشتراكك في {newsletters}",
    "goodbye_title": "تم إلغاء الاشتراك",
    "goodbye_text": "لن تصل {newsletters} إلى هذا العنوان بعد الآن. لم يتغير أي شيء آخر.",
    "goodbye_back": "إن حدث ذلك خطأً فأهلاً بعودتك في أي وقت.",
}

HEBREW: Final[Mapping[str, str]] = {
    "read_on_web": "לקריאה באתר",
    "top_story": "הכתבה הראשית",
    "read_story": "לכתבה המלאה",
    "read_time": "זמן קריאה: {n} דק'",
    "minutes": "{n} דק'",
    "by": "מאת {name}",
    "picture_credit": "תמונה: {name}",
    "correction": "תיקון",
    "more_in": "עוד במדור {section}",
    "why_any": "קיבלתם הודעה זו כי נרשמתם אל {newsletter}.",
    "why_immediate": "{newsletter} נשלח אליך מיד עם הפרסום, כי נרשמת אליו.",
    "why_daily": "{newsletter} נשלח אליך מדי יום, כי נרשמת אליו.",
    "why_weekly": "{newsletter} נשלח אליך מדי שבוע, כי נרשמת אליו.",
    "change": "שינוי ההעדפות שלך",
    "all_newsletters": "כל הניוזלטרים",
    "unsubscribe": "ביטול ההרשמה",
    "plus": "וגם: {titles}",
    "confirm_subject": "נא לאשר: {newsletters}",
    "confirm_title": "עוד צעד אחד",
    "confirm_text": "מישהו, ואנו מקווים שאלה אתם, ביקש לקבל את {newsletters} מאת "
    "{site_name} בכתובת זו. נא לאשר; עד אז לא נשלח דבר.",
    "confirm_button": "אישור ההרשמה",
    "confirm_valid": "תוקף הקישור: {n} ימים.",
    "confirm_ignore": "אם הבקשה לא הגיעה ממך, אין צורך לעשות דבר. לא נכתוב שוב.",
    "welcome_subject": "ברוכים הבאים אל {newsletters}",
    "welcome_title": "ההרשמה הושלמה",
    "welcome_text": "תודה. {newsletters} מאת {site_name} יגיע לכתובת זו.",
    "welcome_leave": "אפשר לבטל את ההרשמה בלחיצה אחת, בכל עת.",
    "goodbye_subject": "ההרשמה אל {newsletters} בוטלה",
    "goodbye_title": "ההרשמה בוטלה",
    "goodbye_text": "{newsletters} לא יגיע עוד לכתובת זו. שום דבר אחר לא השתנה.",
    "goodbye_back": "אם זו הייתה טעות, תמיד אפשר לחזור.",
}

TABLES: Final[Mapping[str, Mapping[str, str]]] = {
    "en": ENGLISH,
    "de": GERMAN,
    "ar": ARABIC,
    "he": HEBREW,
}


def words(language: str) -> Mapping[str, str]:
    """The house's words in the language, or in English where it does not speak it."""
    return TABLES.get(locale_of(language).language, ENGLISH)


def why_you_get_this(newsletter: str, cadence: str, language: str) -> str:
    """The sentence at the foot of a mail: which list, how often; no cadence says only which."""
    return words(language)[f"why_{cadence or 'any'}"].format(newsletter=newsletter)
