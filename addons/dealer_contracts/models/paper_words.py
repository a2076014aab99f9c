"""The fixed words of the paper, in the languages that contracts are written in.

A contract is in the language of its template, whatever languages the database has and the reader uses; the words are
part of what is signed. So they stand here and not among the translations of the screens.
"""

from babel.dates import format_date

LANGUAGES = [("zh_CN", "Chinese"), ("en_US", "English")]

# What a contract consists of (D1), in the order of the paper.
PARTS = [
    ("subject", "Subject Matter"),
    ("quality", "Quality"),
    ("delivery", "Delivery"),
    ("acceptance", "Acceptance"),
    ("distribution", "Distribution Rights"),
    ("settlement", "Settlement"),
    ("policy", "Dealer Policy"),
    ("ordering", "Ordering and Returns"),
    ("breach", "Breach and Disputes"),
    ("signing", "Signing and Effect"),
    ("parties", "Parties"),
]

_CHINESE_NUMBERS = "零一二三四五六七八九十"

WORDS = {
    "zh_CN": {
        "number": "合同编号",
        "party_a": "甲方（供方）",
        "party_b": "乙方（经销商）",
        "version": "版本",
        "sign_date": "签订日期",
        "sign_place": "签订地点",
        "term": "合同期限",
        "contents": "目 录",
        "row": "序号",
        "product": "品名",
        "brand": "品牌/生产企业",
        "specification": "规格",
        "uom": "单位",
        "quantity": "数量",
        "price": "单价",
        "subtotal": "金额",
        "total": "合计",
        "in_words": "大写",
        "name": "名称",
        "address": "地址",
        "contact": "联系人",
        "phone": "电话",
        "legal_representative": "法定代表人",
        "signatory": "签约代表",
        "bank_name": "开户银行",
        "bank_account": "银行账号",
        "tax_number": "纳税人识别号",
        "licences": "资质证照",
        "seal": "（盖章）",
        "signature": "签字",
        "date": "日期",
        "page": "第 {page} 页 / 共 {pages} 页",
        "amendment": "补充协议",
        "renewal": "续签合同",
        "to": "至",
        "of_contract": "原合同",
        "terminated_on": "终止日期",
        "sheet": "电子签署证明",
        "sheet_text": "以下各方已对本合同的下列文件作出签署。文件的任何改动都会使其 SHA-256 值不同。",
        "file": "文件",
        "signer": "签署人",
        "signed_on": "签署时间 (UTC)",
        "signed_from": "网络地址",
        "approved_by": "供方审批 (UTC)",
        "mark_draft": "草 稿",
        "mark_review": "审 批 中",
        "mark_cancelled": "已 作 废",
        "mark_expired": "已 到 期",
        "mark_terminated": "已 终 止",
        "mark_approved": "待 发 出",
        "level_sole": "独家经销",
        "level_first": "一级经销",
        "level_sub": "二级分销",
        "level_none": "普通购销，不授予经销权",
        "transport_carrier": "委托承运人运输",
        "transport_seller": "甲方自有车辆运输",
        "transport_pickup": "乙方自提",
        "cost_seller": "甲方",
        "cost_buyer": "乙方",
        "payment_transfer": "银行转账",
        "payment_acceptance": "银行承兑汇票",
        "payment_cash": "现金",
        "dispute_court_a": "向甲方所在地人民法院提起诉讼",
        "dispute_court_b": "向乙方所在地人民法院提起诉讼",
        "dispute_arbitration": "提交{body}仲裁",
        "no_policy": "本合同不约定返利、奖励、促销、广告及人员支持。",
        "all_areas": "不限区域",
        "all_products": "甲方经营的全部产品",
    },
    "en_US": {
        "number": "Contract No.",
        "party_a": "Party A (supplier)",
        "party_b": "Party B (dealer)",
        "version": "Version",
        "sign_date": "Date of signing",
        "sign_place": "Place of signing",
        "term": "Term",
        "contents": "Contents",
        "row": "No.",
        "product": "Product",
        "brand": "Brand / maker",
        "specification": "Specification",
        "uom": "Unit",
        "quantity": "Quantity",
        "price": "Unit price",
        "subtotal": "Amount",
        "total": "Total",
        "in_words": "In words",
        "name": "Name",
        "address": "Address",
        "contact": "Contact",
        "phone": "Telephone",
        "legal_representative": "Legal representative",
        "signatory": "Signing representative",
        "bank_name": "Bank",
        "bank_account": "Account",
        "tax_number": "Tax number",
        "licences": "Licences",
        "seal": "(seal)",
        "signature": "Signature",
        "date": "Date",
        "page": "Page {page} of {pages}",
        "amendment": "Amendment",
        "renewal": "Renewal",
        "to": "to",
        "of_contract": "To contract",
        "terminated_on": "Terminated on",
        "sheet": "Certificate of Electronic Signature",
        "sheet_text": "The parties have signed the file of this contract named below. Any change to the file gives it"
        " another SHA-256 value.",
        "file": "File",
        "signer": "Signed by",
        "signed_on": "Signed on (UTC)",
        "signed_from": "Network address",
        "approved_by": "Approved for the supplier (UTC)",
        "mark_draft": "DRAFT",
        "mark_review": "IN APPROVAL",
        "mark_cancelled": "CANCELLED",
        "mark_expired": "EXPIRED",
        "mark_terminated": "TERMINATED",
        "mark_approved": "NOT YET ISSUED",
        "level_sole": "sole distributor",
        "level_first": "first-level dealer",
        "level_sub": "sub-distributor",
        "level_none": "sale without distribution rights",
        "transport_carrier": "by carrier",
        "transport_seller": "by vehicles of Party A",
        "transport_pickup": "collected by Party B",
        "cost_seller": "Party A",
        "cost_buyer": "Party B",
        "payment_transfer": "bank transfer",
        "payment_acceptance": "bank acceptance bill",
        "payment_cash": "cash",
        "dispute_court_a": "brought before the court at the seat of Party A",
        "dispute_court_b": "brought before the court at the seat of Party B",
        "dispute_arbitration": "submitted to arbitration by {body}",
        "no_policy": "No rebate, award, promotion, advertising or staff support is agreed in this contract.",
        "all_areas": "no limit of area",
        "all_products": "all products of Party A",
    },
}


def heading(number, lang):
    """Return the heading of an article: 第十一条, Article 11."""
    if lang != "zh_CN":
        return f"Article {number}"
    tens, ones = divmod(number, 10)
    words = ("" if tens < 2 else _CHINESE_NUMBERS[tens]) + ("十" if tens else "")
    return f"第{words}{_CHINESE_NUMBERS[ones] if ones or not tens else ''}条"


def date(value, lang):
    """Return a day as the paper writes it; an empty text for none."""
    if not value:
        return ""
    return format_date(value, "y年M月d日" if lang == "zh_CN" else "d MMMM y", locale=lang)
