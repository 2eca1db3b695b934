"""What features are called for people: one label in English and one in Chinese."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Label:
    """A feature's name for people, and the unit of its value.

    Attributes
    ----------
    en, zh : str
        Label in English and Chinese.
    unit : str
        ``days``, ``currency``, ``share`` (0-1), ``ratio``, or what is counted.
    """

    en: str
    zh: str
    unit: str


# Names and order of the columns of customer_feature that are numbers.
FEATURES: dict[str, Label] = {
    "recency_days": Label("days since the last order", "距最近一次购买的天数", "days"),
    "tenure_days": Label("days since the first order", "距首次购买的天数", "days"),
    "days_total": Label("days with an order", "累计购买天数", "days"),
    "days_7d": Label("days with an order in the last 7 days", "近 7 天购买天数", "days"),
    "days_14d": Label("days with an order in the last 14 days", "近 14 天购买天数", "days"),
    "days_30d": Label("days with an order in the last 30 days", "近 30 天购买天数", "days"),
    "days_60d": Label("days with an order in the last 60 days", "近 60 天购买天数", "days"),
    "days_90d": Label("days with an order in the last 90 days", "近 90 天购买天数", "days"),
    "days_180d": Label("days with an order in the last 180 days", "近 180 天购买天数", "days"),
    "days_365d": Label("days with an order in the last 365 days", "近 365 天购买天数", "days"),
    "weeks_12w": Label("weeks with an order among the last 12", "近 12 周中有购买的周数", "weeks"),
    "spend_30d": Label("spend in the last 30 days", "近 30 天消费额", "currency"),
    "spend_60d": Label("spend in the last 60 days", "近 60 天消费额", "currency"),
    "spend_90d": Label("spend in the last 90 days", "近 90 天消费额", "currency"),
    "spend_180d": Label("spend in the last 180 days", "近 180 天消费额", "currency"),
    "spend_365d": Label("spend in the last 365 days", "近 365 天消费额", "currency"),
    "spend_total": Label("spend so far", "累计消费额", "currency"),
    "gap_mean": Label("mean days between two days with an order", "平均购买间隔", "days"),
    "gap_std": Label("standard deviation of the days between", "购买间隔的标准差", "days"),
    "gap_max": Label("longest time between two days with an order", "最长购买间隔", "days"),
    "gap_last": Label("days between the last two days with an order", "最近两次购买的间隔", "days"),
    "recency_to_gap": Label("days since the last order in units of the mean gap", "未购买天数与平均间隔之比", "ratio"),
    "recency_to_gap_max": Label(
        "days since the last order in units of the longest gap", "未购买天数与最长间隔之比", "ratio"
    ),
    "spend_per_day": Label("spend per day with an order", "每个购买日消费额", "currency"),
    "spend_per_day_90d": Label(
        "spend per day with an order in the last 90 days", "近 90 天每个购买日消费额", "currency"
    ),
    "last_spend_ratio": Label(
        "spend of the last day with an order against the mean day", "最近一次消费与平均之比", "ratio"
    ),
    "units_per_day_90d": Label("units per day with an order in the last 90 days", "近 90 天每个购买日件数", "units"),
    "lines_per_order_90d": Label("lines per order in the last 90 days", "近 90 天每单行数", "lines"),
    "discount_share": Label("discount in the price before discount", "折扣占比", "share"),
    "discount_share_90d": Label("discount in the price before discount, last 90 days", "近 90 天折扣占比", "share"),
    "days_trend_30d": Label(
        "days with an order in the last 30 days against a third of the last 90", "近 30 天购买天数趋势", "ratio"
    ),
    "days_trend_90d": Label(
        "days with an order in the last 90 days against the 90 before", "近 90 天购买天数趋势", "ratio"
    ),
    "spend_trend_30d": Label("spend of the last 30 days against a third of the last 90", "近 30 天消费趋势", "ratio"),
    "weekend_share": Label("share of days with an order on Saturday or Sunday", "周末购买占比", "share"),
    "products_total": Label("distinct products so far", "累计购买的商品种数", "products"),
    "new_products_30d": Label(
        "products bought for the first time in the last 30 days", "近 30 天首次购买的商品数", "products"
    ),
    "departments_90d": Label("distinct departments in the last 90 days", "近 90 天购买的部门数", "departments"),
    "stores_90d": Label("distinct stores in the last 90 days", "近 90 天光顾的门店数", "stores"),
    "channels_90d": Label("distinct channels in the last 90 days", "近 90 天使用的渠道数", "channels"),
    "main_channel_share_90d": Label(
        "share of orders in the most used channel in the last 90 days", "近 90 天主渠道占比", "share"
    ),
    "interactions_90d": Label(
        "calls, chats, tickets and other touches in the last 90 days", "近 90 天服务互动次数", "touches"
    ),
    "tickets_90d": Label("tickets and complaints in the last 90 days", "近 90 天工单与投诉数", "tickets"),
    "surveys_180d": Label("survey answers in the last 180 days", "近 180 天问卷回答数", "answers"),
    "nps_last": Label("last answer to 'would you recommend us'", "最近一次推荐评分", "points"),
    "campaign_contacts_60d": Label(
        "campaigns that addressed the customer in the last 60 days", "近 60 天收到的营销活动数", "contacts"
    ),
    "campaign_contacts_total": Label(
        "campaigns that addressed the customer so far", "累计收到的营销活动数", "contacts"
    ),
    "coupons_90d": Label("coupons redeemed in the last 90 days", "近 90 天核销优惠券数", "coupons"),
}
