"""Further items with true texts, in the style of a large model: how many does the guard send back for nothing?

The texts of `guard_items.py` and each group here were written before the guard read them, and then used to widen its
words; `AT_FIRST` says of how many it sent back how many at first reading, in the order in which they were written.
"""

from __future__ import annotations

from causal.text.facts import Facts, KnownEffect, Quantity
from tests.text.guard_items import Item

PODCAST = Item(
    "podcast",
    Facts.of(
        {
            "title": "Tides and Ledgers",
            "host": "Priya Raman",
            "category": "economics",
            "duration": "42 minutes",
            "episodes": 36,
            "language": "English",
        },
        words=("shipping", "ports"),
    ),
    (
        "In Tides and Ledgers, host Priya Raman talks about economics for 42 minutes at a time.",
        "Curious about shipping? This English podcast on economics has 36 episodes waiting for you.",
        "Each episode of Tides and Ledgers takes 42 minutes, so it fits nicely into a commute.",
        "Because ports and shipping keep coming up in what you listen to, here is Priya Raman's economics podcast.",
    ),
)

HOTEL = Item(
    "hotel",
    Facts.of(
        {
            "name": "Harbour House",
            "city": "Lisbon",
            "stars": 4,
            "price": "€120",
            "distance to the beach": "800 metres",
            "breakfast": "included",
            "pool": False,
        },
        words=("sea", "walking"),
    ),
    (
        "Harbour House is a 4-star hotel in Lisbon, 800 metres from the beach.",
        "Stay at Harbour House in Lisbon for €120, breakfast included.",
        "If walking by the sea is your thing, this Lisbon hotel is just 800 metres away from the beach.",
        "Four stars, breakfast included, no pool: Harbour House in Lisbon costs 120 euros.",
    ),
)

ARTICLE = Item(
    "article",
    Facts.of(
        {
            "headline": "How Cities Cool Down",
            "section": "climate",
            "author": "Daniel Mbeki",
            "reading time": "7 minutes",
            "date": "2024-06-03",
        },
        words=("trees", "heat"),
        effects=(KnownEffect("climate", "up", "reading time"),),
    ),
    (
        "Daniel Mbeki's article “How Cities Cool Down” is a seven-minute read about climate.",
        "You often read about trees and heat; this piece from 3 June 2024 does too.",
        "From our climate section: How Cities Cool Down, by Daniel Mbeki, June 2024.",
    ),
)

RESULT = Item(
    "second result",
    Facts(
        quantities=(
            Quantity("effect", 0.8, "percentage points"),
            Quantity("lower end of the interval", -0.4, "percentage points"),
            Quantity("upper end of the interval", 2.0, "percentage points"),
            Quantity("units", 12400),
            Quantity("confidence", 90, "%"),
        ),
        effects=(KnownEffect("banner", "unclear", "purchases", "shown", "hidden"),),
        words=("everyone", "region"),
    ),
    (
        "It is unclear whether the banner raises or lowers purchases: the 90 % interval goes from −0.4 to 2.0.",
        "Among 12,400 units we cannot tell whether the banner increases purchases.",
        "The estimate is 0.8 percentage points, but the interval includes zero, so the answer remains open.",
    ),
)

YOUXI = Item(
    "游戏",
    Facts.of(
        {"名称": "群岛建造者", "类型": "策略游戏", "玩家": "1至4人", "价格": "68 元", "评分": 4.6, "平台": "电脑"},
        language="zh",
        words=("航海", "建造"),
        effects=(KnownEffect("建造", "up", "游戏时长"),),
    ),
    (
        "《群岛建造者》是一款电脑平台上的策略游戏，评分4.6，售价68元。",
        "喜欢航海和建造的朋友，可以试试这款策略游戏。",
        "对您而言，建造会延长游戏时长，所以我们把《群岛建造者》放在前面。",
        "支持1至4人游玩，价格六十八元。",
    ),
)

GEQU = Item(
    "歌曲",
    Facts.of(
        {"标题": "纸灯笼", "歌手": "静港乐队", "类型": "民谣", "时长": "3.5 分钟", "发行": "2022年"},
        language="zh",
        words=("木吉他",),
    ),
    (
        "静港乐队的《纸灯笼》是一首民谣，时长三分半钟。",
        "这首2022年发行的民谣里有您喜欢的木吉他。",
        "如果今晚想听木吉他，不如从《纸灯笼》开始。",
        "民谣《纸灯笼》，静港乐队，3.5分钟。",
    ),
)

SECOND = (PODCAST, HOTEL, ARTICLE, RESULT, YOUXI, GEQU)

BOARD_GAME = Item(
    "board game",
    Facts.of(
        {
            "title": "Rivers of Jade",
            "designer": "Sofia Lindqvist",
            "category": "strategy",
            "players": "2 to 5",
            "playing time": "75 minutes",
            "age": "12 years",
            "price": "$44",
        },
        words=("trading", "maps"),
    ),
    (
        "Rivers of Jade is a strategy game for 2 to 5 players, designed by Sofia Lindqvist.",
        "Set aside 75 minutes for Rivers of Jade, a game of strategy from designer Sofia Lindqvist.",
        "You keep coming back to games about trading and maps, and this one costs $44.",
        "For ages 12 and up, Rivers of Jade plays in an hour and a quarter.",
    ),
)

RECIPE = Item(
    "recipe",
    Facts.of(
        {
            "title": "Lemon Lentil Soup",
            "cuisine": "Turkish",
            "ingredients": ["red lentils", "lemon", "cumin"],
            "time": "35 minutes",
            "servings": 4,
            "calories": "280 kcal",
            "vegetarian": "yes",
        },
        words=("quick dinners", "soup"),
    ),
    (
        "This Turkish soup combines red lentils with lemon and cumin and is ready in 35 minutes.",
        "Lemon Lentil Soup serves 4 and has 280 kcal, a vegetarian option for your quick dinners.",
        "Short on time? Lemon Lentil Soup needs only 35 minutes.",
        "With red lentils, lemon and cumin, it makes four servings.",
    ),
)

NOVEL = Item(
    "novel",
    Facts.of(
        {
            "title": "A Winter in Tartu",
            "author": "Kristjan Saar",
            "genre": "mystery",
            "pages": 288,
            "year": 2017,
            "translated from": "Estonian",
        },
        words=("small towns", "letters"),
        effects=(KnownEffect("mystery", "up", "pages read"),),
    ),
    (
        "A Winter in Tartu, translated from Estonian, is a 288-page mystery by Kristjan Saar.",
        "Mystery increases the number of pages read for readers like you, so we put A Winter in Tartu first in line.",
        "Kristjan Saar published this mystery in 2017; it revolves around small towns and letters, as you like.",
        "Fewer than 300 pages, one mystery, and the letters that you like to read about.",
    ),
)

KECHENG = Item(
    "课程",
    Facts.of(
        {"标题": "从零学统计", "讲师": "周明远", "主题": "统计学", "课时": 24, "难度": "入门", "价格": "199 元"},
        language="zh",
        words=("数据", "概率"),
    ),
    (
        "《从零学统计》由周明远主讲，共24课时，难度为入门。",
        "如果您对数据和概率感兴趣，这门入门级统计学课程很合适。",
        "周明远老师用二十四个课时带您走进统计学。",
        "只需199元，就可以跟着周明远学习统计学。",
    ),
)

CANTING = Item(
    "餐厅",
    Facts.of(
        {"名称": "竹里馆", "菜系": "川菜", "城市": "成都", "人均": "85 元", "评分": 4.7, "距离": "1.2 公里"},
        language="zh",
        words=("辣味", "聚餐"),
        effects=(KnownEffect("辣味", "up", "点击次数"),),
    ),
    (
        "竹里馆是成都的一家川菜餐厅，人均85元。",
        "评分4.7的竹里馆离您1.2公里，适合聚餐。",
        "喜欢辣味？来成都的竹里馆尝尝川菜吧。",
    ),
)

MUSEUM = Item(
    "exhibition",
    Facts.of(
        {
            "title": "Clay and Fire",
            "museum": "Northgate Museum",
            "theme": "ceramics",
            "opens": "2025-02-14",
            "ticket": "£9.50",
            "objects": 130,
        },
        words=("pottery", "craft"),
    ),
    (
        "Clay and Fire at the Northgate Museum shows 130 objects on the theme of ceramics.",
        "Tickets for Clay and Fire cost £9.50; it opens on 14 February 2025.",
        "Fans of pottery and craft can see 130 ceramics objects at Northgate Museum from February 2025.",
    ),
)

THIRD = (BOARD_GAME, RECIPE, NOVEL, KECHENG, CANTING, MUSEUM)

JACKET = Item(
    "jacket",
    Facts.of(
        {
            "name": "Fellside Jacket",
            "brand": "Norrland",
            "material": "recycled polyester",
            "weight": "310 g",
            "colour": "navy",
            "price": "€89.95",
            "sizes": "S to XL",
        },
        words=("hiking", "rain"),
    ),
    (
        "The Fellside Jacket by Norrland is made of recycled polyester and weighs 310 g.",
        "You have been looking at hiking gear lately, so this navy jacket from Norrland might be of interest.",
        "At €89.95, the navy Fellside Jacket comes in sizes S to XL.",
        "Going hiking in the rain? Consider the Fellside Jacket, which weighs just 310 grams.",
    ),
)

DOCUMENTARY = Item(
    "documentary",
    Facts.of(
        {
            "title": "Under the Ice",
            "genre": "documentary",
            "director": "Helle Strand",
            "length": "74 minutes",
            "year": 2022,
            "subtitles": "English",
        },
        words=("polar regions", "science"),
        effects=(KnownEffect("science", "up", "completion"), KnownEffect("length", "down", "completion")),
    ),
    (
        "Helle Strand's 2022 documentary Under the Ice explores polar regions in 74 minutes.",
        "With English subtitles and a running time of an hour and 14 minutes: Under the Ice, on science.",
        "Science raises completion for viewers like you, while a longer length lowers it; this one runs 74 minutes.",
        "A documentary directed by Helle Strand, picked up from your interest in polar regions.",
    ),
)

THIRD_RESULT = Item(
    "third result",
    Facts(
        quantities=(
            Quantity("effect", -12.4, "USD"),
            Quantity("lower end of the interval", -15.9, "USD"),
            Quantity("upper end of the interval", -8.9, "USD"),
            Quantity("units", 860),
        ),
        effects=(KnownEffect("coupon", "down", "revenue", "sent", "not sent"),),
        words=("those treated", "tenure"),
    ),
    (
        "Among those treated, the coupon reduced revenue by $12.40 on average.",
        "Sending the coupon lowers revenue, by somewhere between $8.90 and $15.90.",
        "Based on 860 units and adjusted for tenure, the coupon decreases revenue.",
    ),
)

BOKE = Item(
    "播客",
    Facts.of(
        {"标题": "潮汐与账本", "主持": "苏清和", "类别": "经济", "时长": "42 分钟", "集数": "36 集"},
        language="zh",
        words=("航运", "港口"),
    ),
    (
        "《潮汐与账本》是苏清和主持的经济类播客，每集42分钟。",
        "通勤路上可以听听这档播客，共36集。",
        "您常听与港口和航运有关的内容，苏清和的这档节目也谈经济。",
        "三十六集，每集四十二分钟，苏清和带您了解经济。",
    ),
)

ZHANLAN = Item(
    "展览",
    Facts.of(
        {
            "标题": "泥与火",
            "场馆": "北门博物馆",
            "主题": "陶瓷",
            "开幕": "2025年2月14日",
            "票价": "60 元",
            "展品": "130 件",
        },
        language="zh",
        words=("陶艺", "手工"),
        effects=(KnownEffect("陶艺", "up", "停留时间"),),
    ),
    (
        "北门博物馆的《泥与火》以陶瓷为主题，展出130件展品。",
        "《泥与火》将于2025年2月14日开幕，票价60元。",
        "对陶艺和手工感兴趣的您，可以去北门博物馆看看陶瓷。",
        "陶艺会延长像您这样的观众的停留时间，所以我们推荐《泥与火》。",
    ),
)

FOURTH = (JACKET, DOCUMENTARY, THIRD_RESULT, BOKE, ZHANLAN)

AT_FIRST = {
    "guard_items": (17, 78),
    "second": (12, 22),
    "third": (8, 22),
    "fourth": (7, 19),
    "fifth": (8, 20),
    "held out": (6, 17),
}
"""Of how many true texts the guard of that time sent back how many, when it first read them."""

LAMP = Item(
    "lamp",
    Facts.of(
        {
            "name": "Orrery Desk Lamp",
            "brand": "Hallam",
            "material": "brass",
            "power": "9 W",
            "height": "46 cm",
            "price": "£62",
            "warranty": "5 years",
        },
        words=("study", "reading"),
    ),
    (
        "The Orrery Desk Lamp by Hallam is made of brass and stands 46 cm tall.",
        "Hallam's brass desk lamp costs £62 and carries a five-year warranty.",
        "A brass lamp for late evenings of reading and study, at 9 W.",
    ),
)

CONCERT = Item(
    "concert",
    Facts.of(
        {
            "title": "An Evening of Strings",
            "ensemble": "Marlow Quartet",
            "venue": "Old Mill Hall",
            "date": "2025-10-11",
            "duration": "90 minutes",
            "ticket": "€28",
        },
        words=("chamber music", "cello"),
    ),
    (
        "On 11 October 2025 the Marlow Quartet performs An Evening of Strings at Old Mill Hall.",
        "Ninety minutes of chamber music with the Marlow Quartet, tickets at €28.",
        "You have listened to a lot of cello recently; the Marlow Quartet plays at Old Mill Hall in October 2025.",
    ),
)

APP = Item(
    "app",
    Facts.of(
        {
            "name": "Leafnote",
            "category": "gardening",
            "rating": 4.4,
            "size": "38 MB",
            "price": "free",
            "language": "English",
        },
        words=("plants", "watering"),
        effects=(KnownEffect("watering", "up", "daily visits"),),
    ),
    (
        "Leafnote is a free gardening app, rated 4.4 and 38 MB in size.",
        "Since watering raises daily visits for people like you, Leafnote might be worth a try.",
        "Keep an eye on your plants with Leafnote, a gardening app in English.",
        "Free, rated 4.4, and all about gardening.",
    ),
)

JIUDIAN = Item(
    "酒店",
    Facts.of(
        {"名称": "海湾小筑", "城市": "厦门", "星级": 4, "价格": "480 元", "早餐": "含早餐", "距海滩": "800 米"},
        language="zh",
        words=("海边", "散步"),
    ),
    (
        "海湾小筑位于厦门，距海滩800米，价格480元，含早餐。",
        "喜欢在海边散步的您，可以考虑住在厦门的海湾小筑。",
        "四星级的海湾小筑离海滩仅800米。",
    ),
)

WENZHANG = Item(
    "文章",
    Facts.of(
        {"标题": "城市如何降温", "栏目": "气候", "作者": "孟达", "阅读时间": "7 分钟", "日期": "2024年6月3日"},
        language="zh",
        words=("树木", "高温"),
        effects=(KnownEffect("气候", "up", "阅读时间"),),
    ),
    (
        "孟达的《城市如何降温》刊登于气候栏目，七分钟即可读完。",
        "您近期常读树木和高温方面的内容，这篇2024年6月的文章或许对您有用。",
        "气候话题会增加您的阅读时间，因此推荐孟达的这篇文章。",
        "2024年6月3日，孟达撰文介绍城市如何降温。",
    ),
)

CANJU = Item(
    "餐具",
    Facts.of(
        {"名称": "青禾餐盘", "材质": "陶瓷", "件数": "6 件", "价格": "158 元", "颜色": "浅蓝色", "直径": "20 厘米"},
        language="zh",
        words=("家庭聚餐",),
    ),
    (
        "青禾餐盘一套6件，陶瓷材质，浅蓝色，直径20厘米。",
        "家庭聚餐时用得上的浅蓝色陶瓷餐盘，158元六件。",
        "这套餐盘由陶瓷制成，价格为一百五十八元。",
    ),
)

FIFTH = (LAMP, CONCERT, APP, JIUDIAN, WENZHANG, CANJU)

BIKE = Item(
    "bicycle",
    Facts.of(
        {
            "name": "Ridgeway 3",
            "category": "bicycle",
            "frame": "aluminium",
            "gears": 21,
            "weight": "13.2 kg",
            "price": "€549",
            "colour": "grey",
        },
        words=("commuting", "gravel roads"),
    ),
    (
        "The Ridgeway 3 is a grey bicycle with an aluminium frame, 21 gears and a weight of 13.2 kg.",
        "For commuting or for gravel roads, the Ridgeway 3 gives you twenty-one gears at €549.",
        "We thought of the Ridgeway 3 because of your searches for commuting; it weighs 13.2 kilograms.",
        "A grey aluminium frame, 21 gears, 549 euros: that is the Ridgeway 3 in short.",
    ),
)

POEMS = Item(
    "poems",
    Facts.of(
        {
            "title": "Low Water",
            "author": "Ines Calder",
            "genre": "poetry",
            "pages": 96,
            "year": 2020,
            "language": "English",
        },
        words=("the sea", "grief"),
        effects=(KnownEffect("poetry", "down", "time on page"),),
    ),
    (
        "Low Water gathers the poetry of Ines Calder on 96 pages.",
        "Ines Calder's poetry from 2020 speaks to your interest in the sea.",
        "Poetry shortens time on page for readers like you, yet Low Water is close to your interest in grief.",
    ),
)

FOURTH_RESULT = Item(
    "fourth result",
    Facts(
        quantities=(
            Quantity("effect", 3.4, "songs"),
            Quantity("lower end of the interval", 1.9, "songs"),
            Quantity("upper end of the interval", 4.9, "songs"),
            Quantity("units", 5410),
        ),
        effects=(KnownEffect("playlist order", "up", "songs played", "personal", "popular"),),
        words=("everyone", "age", "country"),
        standing="tentative",
    ),
    (
        "A personal instead of a popular playlist order seems to add about 3.4 songs played.",
        "Playlist order may raise songs played by 1.9 to 4.9; the checks leave this tentative.",
        "For now we can only suggest that songs played increase by 3.4 with a personal playlist order.",
    ),
)

DIANSHIJU = Item(
    "电视剧",
    Facts.of(
        {"标题": "长巷", "类型": "家庭剧", "导演": "方韵", "集数": "24 集", "每集时长": "45 分钟", "年份": 2023},
        language="zh",
        words=("老城", "亲情"),
        effects=(KnownEffect("亲情", "up", "观看集数"),),
    ),
    (
        "《长巷》是方韵执导的家庭剧，共24集，每集45分钟。",
        "您爱看与老城有关的故事，2023年的《长巷》也许正合您意。",
        "亲情题材让像您这样的观众看得更多，观看集数随之增加，所以向您推荐《长巷》。",
        "二十四集，每集四十五分钟，方韵把亲情放进了一条老城的巷子。",
    ),
)

SHOUJI = Item(
    "耳机",
    Facts.of(
        {"名称": "清音耳机", "品牌": "鸣谷", "重量": "210 克", "续航": "30 小时", "价格": "399 元", "颜色": "黑色"},
        language="zh",
        words=("跑步", "通勤"),
    ),
    (
        "鸣谷清音耳机重210克，续航30小时，售价399元。",
        "无论跑步还是通勤，这副黑色耳机都能陪您三十个小时。",
        "看您最近常搜通勤，给您推荐鸣谷的清音耳机，黑色，399元。",
    ),
)

HELD_OUT = (BIKE, POEMS, FOURTH_RESULT, DIANSHIJU, SHOUJI)

LAST: dict[str, tuple[str, ...]] = {
    "podcast": (
        "Priya Raman's podcast walks you through economics in 42-minute episodes.",
        "Since shipping is one of your interests, give Tides and Ledgers a listen.",
        "There are 36 episodes of Tides and Ledgers, in English, on economics.",
    ),
    "hotel": (
        "Lisbon's Harbour House sits 800 metres from the beach and includes breakfast.",
        "At €120 with breakfast included, Harbour House has four stars.",
        "Love the sea? Harbour House in Lisbon is close to the beach.",
    ),
    "recipe": (
        "You can have this Turkish soup on the table in 35 minutes.",
        "Red lentils, lemon and cumin make up this vegetarian soup for four.",
        "At 280 kcal, Lemon Lentil Soup fits your quick dinners.",
    ),
    "jacket": (
        "Norrland's Fellside Jacket weighs 310 g and costs €89.95.",
        "Rain on your hike? This navy jacket of recycled polyester may help.",
        "The navy jacket is available from S to XL for just under €90.",
    ),
    "second result": (
        "The data cannot tell whether showing the banner raises or lowers purchases.",
        "With 90 % confidence the effect lies between −0.4 and 2.0 percentage points.",
        "Based on 12,400 units, the effect of the banner on purchases remains unclear.",
    ),
    "concert": (
        "The Marlow Quartet invites you to 90 minutes of chamber music on 11 October 2025.",
        "Tickets for An Evening of Strings at Old Mill Hall cost €28.",
        "If you enjoy the cello, Old Mill Hall is the place to be on 11 October.",
    ),
    "游戏": (
        "《群岛建造者》可供1至4人一起玩，售价68元。",
        "这款电脑策略游戏的评分是4.6。",
        "您对航海感兴趣，所以我们挑了《群岛建造者》。",
    ),
    "餐厅": (
        "竹里馆位于成都，距您1.2公里，主打川菜。",
        "人均85元就能在竹里馆吃到川菜。",
        "因为您喜欢聚餐，我们想到了评分4.7的竹里馆。",
    ),
    "课程": (
        "周明远讲师的统计学入门课共二十四课时。",
        "花199元，学完24课时的《从零学统计》。",
        "想弄懂概率？试试周明远的这门课。",
    ),
    "展览": (
        "2025年2月14日起，北门博物馆展出陶瓷展品130件。",
        "门票60元，就能在北门博物馆看到《泥与火》。",
        "喜欢手工的您，别错过北门博物馆的陶瓷展《泥与火》。",
    ),
}
"""Thirty more texts about items above, by the item's name, read once by the guard as it is now."""
