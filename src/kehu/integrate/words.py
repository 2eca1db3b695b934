"""Words in stream and file names that tell which entity rows are."""

from __future__ import annotations

WORDS: dict[str, tuple[str, ...]] = {
    "customer_record": (
        "customer", "customers", "contact", "contacts", "client", "clients", "people", "person",
        "member", "members", "user", "users", "persons", "guest", "subscriber", "客户",
        "联系人", "会员", "用户", "顾客", "人员", "客户资料", "会员资料", "requesters", "requester", "recipients",
        "buyers", "site", "sites",
    ),
    "order_line": (
        "order line", "order lines", "orders", "order", "line items", "order items", "items",
        "invoice", "invoices", "invoice line", "sales", "sale", "transactions", "transaction",
        "receipts", "receipt", "baskets", "basket", "tickets", "retail", "till", "订单", "订单明细",
        "明细", "销售", "销售明细", "交易", "小票",
    ),
    "orders": (
        "orders", "order", "order header", "order headers", "invoice", "invoices", "sales orders",
        "baskets", "shopify orders", "订单", "订单头", "订单主表", "发票",
    ),
    "product": (
        "product", "products", "items", "item master", "articles", "article", "catalog", "skus",
        "sku", "track", "tracks", "商品", "产品", "商品资料", "物料", "货品",
    ),
    "store": (
        "store", "stores", "shops", "branches", "branch", "outlets", "locations", "门店", "店铺", "分店",
    ),
    "inventory": (
        "inventory", "stock", "stocks", "on hand", "stock levels", "库存", "盘点",
    ),
    "price": (
        "price", "prices", "price list", "pricelist", "price book", "tariff", "价格", "价格表", "价目表",
    ),
    "interaction": (
        "interaction", "interactions", "calls", "call", "chats", "chat", "tickets", "ticket",
        "cases", "visits", "visit", "service", "service desk", "support", "helpdesk",
        "conversations", "通话", "工单", "客服", "服务", "服务记录", "来电", "互动", "requests", "emails", "聊天",
        "投诉",
    ),
    "survey_response": (
        "survey", "surveys", "survey responses", "survey answers", "answers", "nps", "csat",
        "feedback", "reviews", "order reviews", "questionnaire", "问卷", "调查", "评价", "回访", "满意度调查",
    ),
    "campaign": (
        "campaign", "campaigns", "campaign descriptions", "promotions", "marketing", "活动", "营销活动",
        "促销", "促销活动",
    ),
    "contact_response": (
        "contact response", "responses", "addressed", "campaign contacts", "campaign members",
        "audience", "mailing", "mailings", "recipients", "redemptions", "redemption",
        "coupon redemptions", "opens", "clicks", "targets", "campaign targets", "核销", "触达", "领券",
        "优惠券核销", "发送名单", "活动名单",
    ),
}
