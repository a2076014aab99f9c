"""Rebates and commitments in words, as the paper prints them, in the language of the contract.

Part of what is signed: the same whatever language the screens are in.
"""

_WORDS = {
    "zh_CN": {
        "comma": "，",
        "semicolon": "；",
        "stop": "。",
        "list": "、",
        "all": "全部产品",
        "month": "每月",
        "quarter": "每季度",
        "half": "每半年",
        "year": "每合同年度",
        "term": "合同期内",
        "amount": "累计不含税开票金额",
        "quantity": "累计开票数量",
        "rebate": "{name}：{products}，按{period}{basis}计算（含下属分支机构，扣除退货）",
        "marginal": "各档分段计算",
        "whole": "达到某档后全部按该档计算",
        "below": "不足 {upper}",
        "between": " {lower}（含）至 {upper}（不含）",
        "above": " {lower}（含）以上",
        "slice": "{range}的部分",
        "reach": "{range}的，",
        "percent": "{range}返利 {rate}%",
        "unit": "{range}每单位返利 {rate} {currency}",
        "fixed": "{range}奖励 {rate} {currency}",
        "days": "{value} 天",
        "factor": "自开票起{range}付款的，按应得返利的 {rate}% 计",
        "nothing": "自开票起{range}付款的，不计返利",
        "settled": "未付款部分不计返利；已结算部分不重复计算，以红字发票或贷项通知单结算",
        "settled_plain": "已结算部分不重复计算，以红字发票或贷项通知单结算",
        "commitment": "{name}：{products}，乙方承诺{period}{basis}不低于 {target}",
        "currencies": {"CNY": "元"},
        "money": "{value} {currency}",
        "units": "{value} 单位",
    },
    "en_US": {
        "comma": ", ",
        "semicolon": "; ",
        "stop": ".",
        "list": ", ",
        "all": "all products",
        "month": "of each month",
        "quarter": "of each quarter",
        "half": "of each half year",
        "year": "of each contract year",
        "term": "of the whole term",
        "amount": "the amount invoiced without taxes",
        "quantity": "the quantity invoiced",
        "rebate": "{name}: for {products}, by {basis} {period}, all branches together and returns deducted",
        "marginal": "each slice at the rate of its own band",
        "whole": "all of it at the rate of the band reached",
        "below": "below {upper}",
        "between": "from {lower} to below {upper}",
        "above": "from {lower} on",
        "slice": "of the part {range}",
        "reach": "{range}",
        "percent": "{rate} % {range}",
        "unit": "{rate} {currency} per unit {range}",
        "fixed": "an award of {rate} {currency} {range}",
        "days": "{value} days",
        "factor": "{rate} % of the rebate if payment takes {range}",
        "nothing": "no rebate if payment takes {range}",
        "settled": "What is unpaid earns no rebate; what was settled is not settled again; settlement by credit note",
        "settled_plain": "What was settled is not settled again; settlement by credit note",
        "commitment": "{name}: for {products}, Party B commits itself to {basis} {period} of at least {target}",
        "currencies": {},
        "money": "{value} {currency}",
        "units": "{value} units",
    },
}


def _plain(number):
    return f"{number.normalize():,f}"


def _products(row, words, lang):
    row = row.with_context(lang=lang)
    names = [*row.category_ids.mapped("name"), *row.product_ids.mapped("display_name")]
    return words["list"].join(names) or words["all"]


def _head(row, kind, words, lang, **more):
    return words[kind].format(
        name=row.name,
        products=_products(row, words, lang),
        period=words[row.period],
        basis=words[row.basis],
        **more,
    )


def _currency(row, words):
    code = row.contract_id.company_id.currency_id.name
    return words["currencies"].get(code, code)


def _measure(row, number, words):
    kind = "money" if row.basis == "amount" else "units"
    return words[kind].format(value=_plain(number), currency=_currency(row, words))


def _range(band, measure, words):
    """Return where a band begins and ends in words; nothing for the one band that is all there is."""
    lower, upper = (measure(number) if number else "" for number in (band.lower, band.upper))
    kind = "between" if lower and upper else "below" if upper else "above" if lower else None
    return words[kind].format(lower=lower, upper=upper) if kind else ""


def _rate(row, band, words):
    found = _range(band, lambda number: _measure(row, number, words), words)
    if found:
        kind = "slice" if row.pay != "fixed" and row.mode == "marginal" else "reach"
        found = words[kind].format(range=found)
    return words[row.pay].format(range=found, rate=_plain(band.rate), currency=_currency(row, words)).strip()


def _factor(band, words):
    found = _range(band, lambda number: words["days"].format(value=_plain(number)), words)
    return words["factor" if band.rate else "nothing"].format(range=found, rate=_plain(band.rate)).strip()


def rebate(row, lang):
    """Return a rebate of a contract in words."""
    words = _WORDS[lang]
    bands, factors = row._bands("band"), row._bands("factor")
    rates = words["semicolon"].join(_rate(row, band, words) for band in bands if band.rate)
    parts = [_head(row, "rebate", words, lang)]
    if row.pay != "fixed":
        parts.append(words[row.mode])
    text = words["comma"].join(parts) + words["semicolon"] + rates
    if factors:
        text += words["semicolon"] + words["semicolon"].join(_factor(band, words) for band in factors)
    end = words["settled" if factors else "settled_plain"]
    return text + words["stop"] + (" " if lang != "zh_CN" else "") + end + words["stop"]


def commitment(row, target, lang):
    """Return a commitment of a dealer in words.

    :param Decimal target: in money or units, by the basis of the commitment
    """
    words = _WORDS[lang]
    return _head(row, "commitment", words, lang, target=_measure(row, target, words)) + words["stop"]
