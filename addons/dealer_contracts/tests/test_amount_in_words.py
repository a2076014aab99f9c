import doctest
import random
from decimal import ROUND_HALF_UP, Decimal

import cn2an

from odoo.tests import BaseCase, tagged

from odoo.addons.dealer_contracts.models import amount_in_words as module
from odoo.addons.dealer_contracts.models import word_diff
from odoo.addons.dealer_contracts.models.amount_in_words import amount_in_words, chinese_capitals

AMOUNTS = 200_000


@tagged("post_install", "-at_install")
class TestAmountInWords(BaseCase):
    """D2: 大写金额."""

    def test_examples(self):
        self.assertEqual(doctest.testmod(module).failed, 0)
        self.assertEqual(doctest.testmod(word_diff).failed, 0)

    def test_edges(self):
        for amount, words in (
            ("0", "零元整"),
            ("-0.0", "零元整"),
            ("-0.004", "零元整"),
            ("0.005", "壹分"),
            ("0.004", "零元整"),
            ("0.01", "壹分"),
            ("0.10", "壹角整"),
            ("0.05", "伍分"),
            ("1.005", "壹元零壹分"),
            ("10", "壹拾元整"),
            ("16409.02", "壹万陆仟肆佰零玖元零贰分"),
            ("325.04", "叁佰贰拾伍元零肆分"),
            ("1680.32", "壹仟陆佰捌拾元叁角贰分"),
            ("6007.14", "陆仟零柒元壹角肆分"),
            ("10010", "壹万零壹拾元整"),
            ("100000000", "壹亿元整"),
            ("100000001", "壹亿零壹元整"),
            ("100010000", "壹亿零壹万元整"),
            ("1000000000000", "壹万亿元整"),
            ("1000100000000", "壹万零壹亿元整"),
            ("-12.3", "负壹拾贰元叁角整"),
            ("999999999999.995", "壹万亿元整"),
            (0.1 + 0.2, "叁角整"),
            (1.005, "壹元零壹分"),
            (10**15, "壹仟万亿元整"),
        ):
            with self.subTest(amount=amount):
                self.assertEqual(amount_in_words(amount, "CNY", "zh_CN"), "人民币" + words)

    def test_no_amounts(self):
        for amount in ("nan", "inf", "-inf", "", "12,5", None):
            with self.subTest(amount=amount), self.assertRaises(ValueError):
                amount_in_words(amount, "CNY", "zh_CN")

    def test_other_languages(self):
        self.assertEqual(
            amount_in_words("14104", "CNY", "en_US"), "CNY fourteen thousand, one hundred and four and 00/100"
        )
        self.assertEqual(amount_in_words("-2.5", "EUR", "de_DE"), "EUR minus zwei and 50/100")
        self.assertEqual(amount_in_words("2", "EUR", "xx_XX"), "EUR two and 00/100", "unknown: English")
        self.assertEqual(amount_in_words("2", "USD", "zh_CN"), "美元贰元整")

    def test_oracle(self):
        """Equal to cn2an wherever the conventions agree.

        They differ where a zero is optional, so it is compared without any, and where 整 is, after 角; and cn2an cuts
        off what we round, says 零元 before amounts below 1, and writes 负零.
        """
        draw = random.Random(20260101)
        compared = 0
        for _number in range(AMOUNTS):
            cents = draw.randrange(1, 10 ** draw.randrange(1, 17))
            if draw.random() < 0.3:
                # Many zeros are where mistakes hide.
                cents -= cents % 10 ** draw.randrange(1, 9)
            cents = max(cents, 100)
            ours = chinese_capitals(cents)
            theirs = cn2an.an2cn(str(Decimal(cents).scaleb(-2)), "rmb")
            same = ours.removesuffix("整") if ours.endswith("角整") else ours
            self.assertEqual(same.replace("零", ""), theirs.replace("零", ""), cents)
            compared += 1
            if cents % 100 == 0 and cents < 10**10:
                self.assertEqual(ours, theirs, cents)
        self.assertEqual(compared, AMOUNTS)

    def test_rounding(self):
        """Half up, on the decimal that was meant: against an independent reckoning."""
        draw = random.Random(7)
        for _number in range(5000):
            amount = Decimal(draw.randrange(10**9)).scaleb(-draw.randrange(7))
            cents = int((amount * 100).to_integral_value(ROUND_HALF_UP))
            self.assertEqual(amount_in_words(str(amount), "CNY", "zh_CN"), "人民币" + chinese_capitals(cents))
