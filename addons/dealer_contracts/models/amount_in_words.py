"""Amounts of money in words, as contracts, invoices and cheques write them. Exact: decimals, never floats.

Chinese capitals follow the rules for bills of the People's Bank of China (正确填写票据和结算凭证的基本规定): the
name of the currency before, 零 where a zero stands between digits, 整 after 元 and 角 where nothing follows. What
those rules leave open is left out: no 零 where the place of 万 or 元 is zero but the place after isn't.
"""

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from num2words import num2words

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("仟", "佰", "拾", "")
_CHINESE_PREFIXES = {"CNY": "人民币", "USD": "美元", "EUR": "欧元", "HKD": "港币", "GBP": "英镑", "JPY": "日元"}
_CENT = Decimal("0.01")


def amount_in_words(amount, currency, lang):
    """Return an amount in words, rounded half up to the hundredth.

    :param amount: Decimal, int, or text of a number; a float stands for the shortest text that means it
    :param str currency: ISO code
    :param str lang: code such as ``zh_CN``; languages that num2words doesn't know get English
    :raise ValueError: for what is no finite number

    >>> amount_in_words("107000.53", "CNY", "zh_CN")
    '人民币壹拾万柒仟元伍角叁分'
    >>> amount_in_words("-0.004", "CNY", "zh_CN")
    '人民币零元整'
    >>> amount_in_words(1234.5, "USD", "en_US")
    'USD one thousand, two hundred and thirty-four and 50/100'
    """
    cents = _cents(amount)
    if lang.startswith("zh"):
        return _CHINESE_PREFIXES.get(currency, currency) + chinese_capitals(cents)
    whole, rest = divmod(abs(cents), 100)
    words = _number_words(whole, lang)
    return f"{currency} {'minus ' if cents < 0 else ''}{words} and {rest:02d}/100"


def chinese_capitals(cents):
    """Return Chinese capitals, without the name of a currency.

    :param int cents: hundredths (分)
    """
    sign = "负" if cents < 0 else ""
    yuan, rest = divmod(abs(cents), 100)
    jiao, fen = divmod(rest, 10)
    words = _integer(yuan) + "元" if yuan or not rest else ""
    if not rest:
        return f"{sign}{words}整"
    if jiao:
        words += _DIGITS[jiao] + "角"
    elif yuan:
        words += "零"
    words += _DIGITS[fen] + "分" if fen else "整"
    return sign + words


def _cents(amount):
    try:
        number = Decimal(str(amount))
        cents = int(number.quantize(_CENT, ROUND_HALF_UP).scaleb(2))
    except InvalidOperation as error:
        raise ValueError(f"{amount!r} is no amount of money") from error
    return cents


def _integer(number):
    """Return a number without fraction in capitals: four places at a time, then 万, then 亿 of what is above."""
    if not number:
        return "零"
    for base, name in ((10**8, "亿"), (10**4, "万")):
        high, low = divmod(number, base)
        if high:
            gap = "零" if low and low < base // 10 else ""
            return _integer(high) + name + gap + (_integer(low) if low else "")
    words = ""
    for digit, place in zip(map(int, f"{number:04d}"), _PLACES, strict=True):
        if digit:
            words += _DIGITS[digit] + place
        elif words and not words.endswith("零"):
            words += "零"
    return words.rstrip("零")


def _number_words(whole, lang):
    for candidate in (lang, lang.split("_")[0], "en"):
        try:
            return num2words(whole, lang=candidate)
        except NotImplementedError:
            continue
    raise ValueError(lang)
