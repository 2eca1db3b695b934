"""Words from which invented persons are made: names, streets, cities, mail domains."""

from __future__ import annotations


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


LAST = _words(
    "Smith Johnson Williams Brown Jones Garcia Miller Davis Rodriguez Martinez Hernandez Lopez Gonzalez Wilson "
    "Anderson Thomas Taylor Moore Jackson Martin Lee Perez Thompson White Harris Sanchez Clark Ramirez Lewis "
    "Robinson Walker Young Allen King Wright Scott Torres Nguyen Hill Flores Green Adams Nelson Baker Hall Rivera "
    "Campbell Mitchell Carter Roberts Gomez Phillips Evans Turner Diaz Parker Cruz Edwards Collins Reyes Stewart "
    "Morris Morales Murphy Cook Rogers Gutierrez Ortiz Morgan Cooper Peterson Bailey Reed Kelly Howard Ramos Kim "
    "Cox Ward Richardson Watson Brooks Chavez Wood Bennett Gray Mendoza Ruiz Hughes Price Alvarez Castillo Sanders "
    "Patel Myers Long Ross Foster Jimenez Powell Jenkins Perry Russell Sullivan Bell Coleman Butler Henderson "
    "Barnes Fisher Vasquez Simmons Romero Jordan Patterson Alexander Hamilton Graham Reynolds Griffin Wallace "
    "Moreno West Cole Hayes Bryant Herrera Gibson Ellis Tran Medina Stevens Ford Marshall Owens Harrison Kennedy "
    "O'Brien McDonald Woods Freeman Wells Webb Simpson Tucker Porter Hunter Hicks Crawford Henry Boyd Mason Warren"
)

# A nickname stands behind a colon.
FEMALE = _words(
    "Elizabeth:Liz Margaret:Maggie Katherine:Kate Jennifer:Jen Patricia:Pat Deborah:Deb Susan:Sue Rebecca:Becky "
    "Christine:Chris Kimberly:Kim Pamela:Pam Victoria:Vicky Samantha:Sam Alexandra:Alex Amanda:Mandy Barbara:Barb "
    "Cynthia:Cindy Jacqueline:Jackie Theresa:Terry Judith:Judy Mary Linda Karen Nancy Lisa Betty Sandra Ashley "
    "Donna Emily Michelle Carol Dorothy Melissa Stephanie:Steph Laura Sharon Amy Angela:Angie Anna Ruth Brenda "
    "Nicole:Nikki Helen Diane Julie Joyce Virginia:Ginny Kelly Lauren Christina:Tina Joan Evelyn Olivia:Liv Rachel "
    "Cheryl Megan:Meg Andrea Hannah Martha Gloria Ann Teresa Sara Madison:Maddie Frances:Fran Kathryn:Kathy Janice "
    "Jean Abigail:Abby Alice Julia Sophia Grace Denise Amber Danielle:Dani Marilyn Beverly:Bev Charlotte:Lottie "
    "Natalie Diana Brittany:Britt Rose Isabella:Bella Kayla"
)

MALE = _words(
    "Robert:Bob William:Bill Michael:Mike James:Jim John:Jack Richard:Rick Thomas:Tom Joseph:Joe Charles:Chuck "
    "Christopher:Chris Daniel:Dan Matthew:Matt Anthony:Tony Donald:Don Steven:Steve Andrew:Andy Kenneth:Ken "
    "Joshua:Josh Edward:Ed Ronald:Ron Timothy:Tim Jeffrey:Jeff Jacob:Jake Nicholas:Nick Jonathan:Jon Lawrence:Larry "
    "Samuel:Sam Benjamin:Ben Gregory:Greg Alexander:Alex Patrick:Pat Raymond:Ray Douglas:Doug Zachary:Zach "
    "Peter:Pete Nathan:Nate Walter:Walt Henry:Hank David:Dave Mark Paul George Kevin Brian Jason Ryan Gary Eric "
    "Stephen:Steve Larry Justin Scott Brandon Frank Jack Dennis Jerry Tyler Aaron Jose Adam Arthur:Art Philip:Phil "
    "Carl Kyle Roger Keith Gerald:Gerry Ethan Jeremy Terry Sean Albert:Al Austin Bruce Willie Jesse Dylan Bryan "
    "Ralph Roy Eugene:Gene Louis:Lou Wayne Alan Juan Russell:Russ Gabriel:Gabe Harry Vincent:Vince"
)

HAN_LAST = _words(
    "王:Wang 李:Li 张:Zhang 刘:Liu 陈:Chen 杨:Yang 黄:Huang 赵:Zhao 吴:Wu 周:Zhou 徐:Xu 孙:Sun 马:Ma 朱:Zhu 胡:Hu "
    "郭:Guo 何:He 林:Lin 高:Gao 罗:Luo 郑:Zheng 梁:Liang 谢:Xie 宋:Song 唐:Tang 许:Xu 韩:Han 邓:Deng 冯:Feng 曹:Cao "
    "彭:Peng 曾:Zeng 肖:Xiao 田:Tian 董:Dong 潘:Pan 袁:Yuan 蔡:Cai 蒋:Jiang 余:Yu 于:Yu 杜:Du 叶:Ye 程:Cheng 魏:Wei "
    "苏:Su 吕:Lyu 丁:Ding 任:Ren 卢:Lu 姚:Yao 沈:Shen 钟:Zhong 姜:Jiang 崔:Cui 谭:Tan 陆:Lu 范:Fan 汪:Wang 廖:Liao "
    "欧阳:Ouyang 司马:Sima"
)

HAN_FEMALE = _words(
    "芳:Fang 娜:Na 敏:Min 静:Jing 丽:Li 艳:Yan 娟:Juan 霞:Xia 秀英:Xiuying 玉兰:Yulan 桂英:Guiying 婷婷:Tingting "
    "雪梅:Xuemei 晓燕:Xiaoyan 海燕:Haiyan 丽华:Lihua 淑珍:Shuzhen 欣怡:Xinyi 雨涵:Yuhan 子涵:Zihan 梓萱:Zixuan "
    "诗琪:Shiqi 佳怡:Jiayi 思雨:Siyu 雅婷:Yating 慧:Hui 琳:Lin 莉:Li 倩:Qian 洁:Jie 颖:Ying 萍:Ping 红梅:Hongmei "
    "春华:Chunhua 美玲:Meiling 文静:Wenjing 晓红:Xiaohong 梦洁:Mengjie 语嫣:Yuyan 若曦:Ruoxi"
)

HAN_MALE = _words(
    "伟:Wei 强:Qiang 磊:Lei 军:Jun 洋:Yang 勇:Yong 杰:Jie 涛:Tao 明:Ming 超:Chao 刚:Gang 平:Ping 建国:Jianguo "
    "志强:Zhiqiang 建华:Jianhua 小明:Xiaoming 晓东:Xiaodong 浩然:Haoran 宇轩:Yuxuan 子轩:Zixuan 俊杰:Junjie "
    "博文:Bowen 文博:Wenbo 国强:Guoqiang 海涛:Haitao 志明:Zhiming 家豪:Jiahao 天宇:Tianyu 一鸣:Yiming 思远:Siyuan "
    "鹏:Peng 辉:Hui 斌:Bin 波:Bo 峰:Feng 健:Jian 宁:Ning 振华:Zhenhua 永强:Yongqiang 德明:Deming"
)

ENGLISH_FEMALE = _words("Annie Amy Cindy Coco Grace Helen Ivy Jenny Joyce Lily Lucy Mia Nancy Sophie Tina Vivian Wendy")
ENGLISH_MALE = _words("Allen Andy Ben David Eric Frank Jack Jason Kevin Leo Michael Peter Ray Sam Steven Tony Victor")

STREET = _words(
    "Maple Oak Cedar Elm Walnut Chestnut Birch Willow Poplar Sycamore Hickory Juniper Magnolia Dogwood Laurel "
    "Franklin Lincoln Madison Monroe Jefferson Jackson Harrison Grant Sherman Highland Prospect Summit Ridge "
    "Valley Meadow Orchard Garden Lake River Spring Church School Mill Station Market Park College Union Liberty"
)
STREET_KIND = ("St", "Ave", "Rd", "Dr", "Ln", "Ct", "Blvd", "Way")

# City, state, first digits of its postcodes, area code. The cities are real, streets and numbers are invented.
CITY = (
    ("Columbus", "OH", "432", "614"),
    ("Cincinnati", "OH", "452", "513"),
    ("Cleveland", "OH", "441", "216"),
    ("Dayton", "OH", "454", "937"),
    ("Toledo", "OH", "436", "419"),
    ("Akron", "OH", "443", "330"),
    ("Indianapolis", "IN", "462", "317"),
    ("Fort Wayne", "IN", "468", "260"),
    ("Louisville", "KY", "402", "502"),
    ("Lexington", "KY", "405", "859"),
    ("Detroit", "MI", "482", "313"),
    ("Ann Arbor", "MI", "481", "734"),
    ("Grand Rapids", "MI", "495", "616"),
    ("Pittsburgh", "PA", "152", "412"),
    ("Erie", "PA", "165", "814"),
    ("Charleston", "WV", "253", "304"),
    ("Roanoke", "VA", "240", "540"),
    ("Richmond", "VA", "232", "804"),
    ("Knoxville", "TN", "379", "865"),
    ("Charlotte", "NC", "282", "704"),
    ("Atlanta", "GA", "303", "404"),
    ("Buffalo", "NY", "142", "716"),
)

MAIL_DOMAIN = (
    "example.com",
    "mail.example.com",
    "post.example.net",
    "home.example.org",
    "inbox.example.com",
    "web.example.net",
)
