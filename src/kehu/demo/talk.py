"""What invented customers say, in Chinese and English; every text is put together from parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

TOPICS = {
    "points": ("Loyalty points missing", "会员积分没到账"),
    "refund": ("Refund for a spoiled item", "商品变质要求退款"),
    "delivery": ("Web order came late", "网上订单送货太晚"),
    "price": ("Price at the till was wrong", "收银价格不对"),
    "coupon": ("Coupon was not accepted", "优惠券不能用"),
    "address": ("Change of address", "修改地址"),
    "stock": ("Item out of stock", "商品缺货"),
    "praise": ("Thanks to the team", "感谢店员"),
}

_EN = {
    "points": ("the points for {item} never showed up", "my balance did not change after I bought {item}"),
    "refund": ("the {item} was bad when I opened it", "I had to throw away the {item}"),
    "delivery": ("my order with {item} arrived a day late", "the box with {item} came {days} days after the promise"),
    "price": ("the till charged more for {item} than the shelf said", "I paid twice for {item}"),
    "coupon": ("the coupon for {item} was refused", "the app coupon for {item} did not scan"),
    "address": ("we moved, please send mail to the new address", "please update my street and my phone"),
    "stock": ("{item} has been sold out for {days} days", "you never have {item} any more"),
    "praise": ("the lady at the counter found {item} for me", "checking out was quick and {item} was fresh"),
}
_ZH = {
    "points": ("买了{item}积分一直没有到账", "消费{item}之后会员积分没有变化"),
    "refund": ("{item}打开就发现坏了", "买的{item}只能扔掉"),
    "delivery": ("包含{item}的订单晚了一天才到", "{item}比承诺的时间晚到{days}天"),
    "price": ("{item}结账的价格比货架上的贵", "{item}被收了两次钱"),
    "coupon": ("{item}的优惠券收银员不收", "手机上的{item}优惠券扫不出来"),
    "address": ("我们搬家了，请更新邮寄地址", "请帮我修改地址和电话"),
    "stock": ("{item}已经断货{days}天了", "现在总是买不到{item}"),
    "praise": ("柜台的店员帮我找到了{item}", "结账很快，{item}也很新鲜"),
}
_EN_MOOD = (
    ("I am really angry.", "This is the last time.", "Terrible, I will shop elsewhere.", "Nobody helped me."),
    ("Please look into it.", "It was a bit annoying.", "Let me know what happened.", "Not a big problem."),
    ("Otherwise I love the store.", "Great help, thank you!", "Solved in minutes, very happy.", "Keep it up!"),
)
_ZH_MOOD = (
    ("我非常生气。", "以后不会再来了。", "服务太差了，换别家。", "没有人帮我解决。"),
    ("请帮忙查一下。", "有点麻烦。", "希望尽快回复。", "问题不大。"),
    ("其他都很满意。", "谢谢，态度很好！", "几分钟就解决了，非常满意。", "继续加油！"),
)
_EN_SURVEY = (
    (
        "prices went up too much",
        "the queue is endless",
        "staff was rude",
        "{item} is never fresh",
        "I go to another store now",
    ),
    ("it is close to home", "nothing special", "selection of {item} could be better", "parking is hard", "fine so far"),
    ("friendly staff", "always fresh {item}", "good offers every week", "the web shop is easy", "my favorite store"),
)
_ZH_SURVEY = (
    ("价格涨得太多", "排队时间太长", "店员态度不好", "{item}总是不新鲜", "现在去别的超市了"),
    ("离家近", "没什么特别", "{item}的种类可以再多一些", "停车不方便", "目前还可以"),
    ("店员很热情", "{item}一直很新鲜", "每周都有优惠", "网上下单很方便", "最喜欢的超市"),
)


def topic(rng: Random, mood: int) -> str:
    """Return what a person in this mood (0 bad, 1 neutral, 2 good) calls about."""
    names = [name for name in TOPICS if name != "praise"]
    return "praise" if mood == 2 and rng.random() < 0.5 else rng.choice(names)


def complaint(rng: Random, subject: str, mood: int, item: str, *, chinese: bool) -> str:
    """Return what a person says about a subject."""
    told = rng.choice((_ZH if chinese else _EN)[subject]).format(item=item, days=rng.randint(2, 9))
    said = rng.choice((_ZH_MOOD if chinese else _EN_MOOD)[mood])
    return f"{told}，{said}" if chinese else f"{told[0].upper()}{told[1:]}. {said}"


def answer(rng: Random, mood: int, item: str, *, chinese: bool) -> str:
    """Return one or two reasons a person gives with a score."""
    reasons = rng.sample((_ZH_SURVEY if chinese else _EN_SURVEY)[mood], rng.choice((1, 1, 2)))
    return ("，" if chinese else "; ").join(reasons).format(item=item)
