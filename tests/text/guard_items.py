"""Items with their facts, true texts about them written by hand, and false ones: what the fact guard is measured on.

The true texts were written before the guard first read them. Each false one says what is wrong with it.
"""

from __future__ import annotations

from dataclasses import dataclass

from causal.text.facts import Facts, KnownEffect, Quantity


@dataclass(frozen=True)
class Item:
    """Facts, texts that keep to them, and texts that do not, each with its fault."""

    name: str
    facts: Facts
    true: tuple[str, ...]
    false: tuple[tuple[str, str], ...] = ()


NIGHT_TRAIN = Item(
    "film",
    Facts.of(
        {
            "title": "Night Train",
            "genre": "thriller",
            "director": "Ann Lee",
            "length": "98 minutes",
            "year": 2019,
            "country": "France",
        },
        words=("trains", "slow stories"),
        effects=(KnownEffect("trains", "up", "minutes watched"),),
    ),
    (
        "Night Train is a thriller from France, directed by Ann Lee.",
        "If you like trains, “Night Train” could be a good choice for tonight: a French-made thriller of 98 minutes.",
        "Released in 2019, this thriller runs for one hour and 38 minutes.",
        "You told us that you enjoy slow stories and trains, so we picked Ann Lee's Night Train for you.",
        "A 98-minute thriller about which we know one more thing: it was made in France in 2019.",
        "Ann Lee directed Night Train in 2019; at nearly 100 minutes it fits into an evening.",
        "For viewers like you, trains tend to increase the minutes watched, which is why Night Train is on your list.",
        "Looking for something with trains? Try this film by Ann Lee.",
        "Night Train (2019, France, 98 min) is a thriller by director Ann Lee.",
    ),
    (
        ("Night Train is a two-hour thriller by Ann Lee.", "number"),
        ("Night Train won a prize at Cannes in 2019.", "award"),
        ("Stream the thriller Night Train for free tonight.", "free"),
        ("Trains make people watch fewer minutes, so Night Train is short.", "direction"),
        ("Night Train, starring Ann Lee, is a thriller from France.", "role"),
    ),
)

KETTLE = Item(
    "product",
    Facts.of(
        {
            "name": "Clearwater Kettle",
            "category": "kitchen",
            "brand": "Brookline",
            "price": "$34.90",
            "capacity": "1.7 litres",
            "colour": "dark green",
            "warranty": "2 years",
            "rating": 4.3,
        },
        words=("tea", "coffee"),
    ),
    (
        "The Clearwater Kettle by Brookline holds 1.7 litres and costs $34.90.",
        "A dark green kettle for your kitchen, with a warranty of two years.",
        "Since you looked for tea, have a look at the Clearwater Kettle: 1.7 litres, dark green, $34.90.",
        "Brookline makes this dark green kettle, which customers rate 4.3.",
        "For tea or coffee, the Clearwater Kettle from Brookline offers 1.7 litres.",
        "It comes with a 2-year warranty and is priced at about $35.",
        "Kitchen pick: Clearwater Kettle, rated 4.3, for 34.90 dollars.",
        "Just under two litres, dark green, and covered for two years by its warranty.",
    ),
    (
        ("The Clearwater Kettle now costs $24.90.", "price"),
        ("This stainless steel kettle by Brookline holds 1.7 litres.", "property"),
        ("The Clearwater Kettle has a three-year warranty.", "number"),
        ("Customers rate the Brookline kettle 4.8.", "number"),
        ("The Clearwater Kettle costs €34.90.", "currency"),
        ("The top-rated kettle for tea.", "superlative"),
    ),
)

BOOK = Item(
    "book",
    Facts.of(
        {
            "title": "The Salt Road",
            "author": "Miriam Okafor",
            "genre": ["history", "travel"],
            "pages": 412,
            "published": "2021-05-18",
            "language": "English",
        },
        words=("deserts", "trade"),
    ),
    (
        "The Salt Road by Miriam Okafor is a book of history and travel, 412 pages long.",
        "Published on 18 May 2021, The Salt Road covers history and travel in English.",
        "If deserts and trade interest you, Miriam Okafor wrote this one with you in mind.",
        "Over 400 pages on travel and history, written in English by Miriam Okafor.",
        "“The Salt Road” came out in May 2021 and has four hundred and twelve pages.",
        "You read about trade, so here is a historical book by Miriam Okafor.",
        "A travel book for readers who like deserts: The Salt Road, published in 2021.",
        "We suggest The Salt Road because your searches were about deserts.",
    ),
    (
        ("The Salt Road by Miriam Okafor has 512 pages.", "number"),
        ("“The Silk Road” by Miriam Okafor covers history and travel.", "title"),
        ("Published in March 2021, The Salt Road is 412 pages long.", "date"),
        ("The bestselling travel book by Miriam Okafor.", "claim"),
        ("The Salt Road by Chinua Okafor is a history book.", "name"),
        ("The Salt Road is not about travel.", "negation"),
    ),
)

SONG = Item(
    "song",
    Facts.of(
        {
            "title": "Paper Lanterns",
            "artist": "The Quiet Harbour",
            "genre": "folk",
            "length": "3.5 minutes",
            "tempo": "92 bpm",
            "explicit": False,
        },
        words=("acoustic guitar",),
        effects=(KnownEffect("folk", "up", "listening time"), KnownEffect("tempo", "down", "listening time")),
    ),
    (
        "Paper Lanterns is a folk song by The Quiet Harbour, three and a half minutes long.",
        "At 92 bpm, Paper Lanterns by The Quiet Harbour may suit your taste for acoustic guitar.",
        "Folk raises your listening time, and this track is folk.",
        "A higher tempo reduces listening time for people like you; this one stays at 92 bpm.",
        "You like acoustic guitar? Listen to The Quiet Harbour.",
        "“Paper Lanterns” lasts 3 minutes and 30 seconds.",
        "This folk song runs for about 3.5 minutes and is not explicit.",
    ),
    (
        ("Folk lowers your listening time.", "direction"),
        ("A higher tempo increases listening time for people like you.", "direction"),
        ("Paper Lanterns is a jazz song by The Quiet Harbour.", "property"),
        ("This explicit folk song lasts 3.5 minutes.", "negation"),
    ),
)

COURSE = Item(
    "course",
    Facts.of(
        {
            "title": "Statistics from Scratch",
            "topic": "statistics",
            "teacher": "Jonas Weber",
            "lessons": 24,
            "level": "beginner",
            "completion": "62 %",
            "price": "€49",
        },
        words=("data", "probability"),
    ),
    (
        "Statistics from Scratch is a beginner course by Jonas Weber with 24 lessons.",
        "Jonas Weber teaches statistics at beginner level; the course costs €49.",
        "62 percent complete this beginner course on statistics.",
        "Because you read about probability and data, we suggest Statistics from Scratch for 49 euros.",
        "Twenty-four lessons on statistics, for beginners.",
        "A beginner's course with two dozen lessons? Statistics from Scratch has 24.",
        "More than 60 % complete it: Statistics from Scratch, with Jonas Weber.",
    ),
    (
        ("26 % complete the beginner course Statistics from Scratch.", "number"),
        ("Statistics from Scratch is an advanced course by Jonas Weber.", "property"),
        ("Half of those who start Statistics from Scratch complete it.", "fraction"),
        ("Jonas Weber guarantees that you will learn statistics in 24 lessons.", "promise"),
    ),
)

EFFECT = Item(
    "result",
    Facts(
        quantities=(
            Quantity("effect", 5.02, "minutes"),
            Quantity("lower end of the interval", 4.71, "minutes"),
            Quantity("upper end of the interval", 5.33, "minutes"),
            Quantity("mean with new", 58.4, "minutes"),
            Quantity("mean with old", 53.38, "minutes"),
            Quantity("units", 2611),
            Quantity("confidence", 95, "%"),
        ),
        effects=(KnownEffect("algorithm", "up", "engagement", "new", "old"),),
        words=("everyone", "doubly robust", "age", "gender"),
    ),
    (
        "With the new algorithm instead of the old one, engagement rises by 5.02 minutes for everyone.",
        "The algorithm raises engagement by 5.02 minutes (95 % interval 4.71 to 5.33).",
        "Across 2,611 units, changing the algorithm from old to new increased engagement by about 5 minutes.",
        "Adjusted for age and gender, the doubly robust estimate of the effect is +5.02 minutes.",
        "Mean engagement is 58.4 minutes with new and 53.4 with old.",
        "The effect on engagement is positive: between 4.71 and 5.33 minutes at 95 percent confidence.",
        "We compared 2611 units, adjusting for age and gender; engagement is higher with new than with old.",
    ),
    (
        ("The algorithm lowers engagement by 5.02 minutes.", "direction"),
        ("The algorithm has no effect on engagement.", "direction"),
        ("Engagement rises by 5.02 percent with the new algorithm.", "unit"),
        ("With old instead of new, engagement rises by 5.02 minutes.", "swap"),
        ("The effect is 5.2 minutes (95 % interval 4.71 to 5.33).", "number"),
        ("This proves that the algorithm raises engagement by 5.02 minutes.", "overclaim"),
    ),
)

TENTATIVE = Item(
    "tentative result",
    Facts(
        quantities=(
            Quantity("effect", -2.3, "percentage points"),
            Quantity("lower end of the interval", -3.1, "percentage points"),
            Quantity("upper end of the interval", -1.5, "percentage points"),
            Quantity("clicked with on", 11.2, "%"),
            Quantity("clicked with off", 13.5, "%"),
            Quantity("confidence", 95, "%"),
        ),
        effects=(KnownEffect("autoplay", "down", "clicked", "on", "off"),),
        words=("everyone", "device"),
        standing="tentative",
    ),
    (
        "Autoplay seems to lower clicked by 2.3 percentage points.",
        "The effect of autoplay on clicked appears to be negative: −2.3 percentage points, interval −3.1 to −1.5.",
        "With autoplay on rather than off, clicked may fall from 13.5 % to 11.2 %.",
        "A tentative answer: autoplay goes along with a drop of 2.3 percentage points, adjusted for device.",
        "It seems that autoplay reduces clicked, by 1.5 to 3.1 percentage points with 95 % confidence.",
    ),
    (
        ("Autoplay lowers clicked by 2.3 percentage points.", "overclaim"),
        ("Autoplay seems to raise clicked by 2.3 percentage points.", "direction"),
        ("Autoplay seems to lower clicked by 2.3 percent.", "unit"),
        ("Clicked is down 2.3 percentage points because of autoplay.", "overclaim"),
        ("Autoplay seems to lower clicked by 23 percentage points.", "number"),
    ),
)

YECHE = Item(
    "电影",
    Facts.of(
        {"片名": "夜车", "类型": "惊悚片", "导演": "李安然", "时长": "98 分钟", "年份": 2019, "国家": "法国"},
        language="zh",
        words=("火车", "慢节奏故事"),
        effects=(KnownEffect("火车", "up", "观看时长"),),
    ),
    (
        "《夜车》是李安然导演的惊悚片，片长98分钟。",
        "如果您喜欢火车，今晚不妨看看《夜车》。",
        "这部2019年的法国惊悚片时长一小时三十八分钟。",
        "您说过喜欢慢节奏故事和火车，所以我们为您推荐李安然的《夜车》。",
        "《夜车》于2019年上映，来自法国。",
        "对您这样的观众，火车能提高观看时长，因此推荐《夜车》。",
        "一部九十八分钟的惊悚片，由李安然执导。",
        "想找与火车有关的电影？可以试试这部片子。",
        "《夜车》，法国，2019年，惊悚片，近100分钟。",
    ),
    (
        ("《夜车》是李安然导演的惊悚片，片长108分钟。", "number"),
        ("《夜车》荣获多项大奖。", "award"),
        ("《夜行列车》是一部法国惊悚片。", "title"),
        ("火车会缩短观看时长。", "direction"),
        ("今晚免费观看《夜车》。", "free"),
        ("《夜车》不是惊悚片。", "negation"),
    ),
)

HU = Item(
    "商品",
    Facts.of(
        {
            "名称": "清泉电热水壶",
            "类别": "厨房用品",
            "品牌": "溪畔",
            "价格": "249 元",
            "容量": "1.7 升",
            "颜色": "墨绿色",
            "保修": "2 年",
            "评分": 4.3,
        },
        language="zh",
        words=("茶", "咖啡"),
    ),
    (
        "清泉电热水壶，溪畔品牌，容量1.7升，售价249元。",
        "喜欢喝茶的您，可以看看这款墨绿色的清泉电热水壶。",
        "这款水壶的评分为4.3，保修两年。",
        "墨绿色，1.7升，价格二百四十九元，适合泡茶和咖啡。",
        "因为您关注咖啡，我们推荐溪畔的清泉电热水壶。",
        "厨房用品推荐：清泉电热水壶，约250元。",
        "它提供2年保修，容量不到2升。",
    ),
    (
        ("清泉电热水壶现价199元。", "price"),
        ("清泉电热水壶保修三年。", "number"),
        ("这是一款不锈钢水壶，容量1.7升。", "property"),
        ("评分最高的电热水壶。", "superlative"),
        ("清泉电热水壶售价249美元。", "currency"),
    ),
)

SHU = Item(
    "书",
    Facts.of(
        {
            "书名": "盐路",
            "作者": "林晓舟",
            "题材": ["历史", "旅行"],
            "页数": "412 页",
            "出版": "2021年5月18日",
        },
        language="zh",
        words=("沙漠", "贸易"),
    ),
    (
        "《盐路》是林晓舟写的一本历史与旅行题材的书，共412页。",
        "如果您对沙漠和贸易感兴趣，请读林晓舟的《盐路》。",
        "这本书2021年5月出版，讲述历史和旅行。",
        "四百多页的旅行与历史，作者是林晓舟。",
        "您最近搜索过沙漠，因此我们推荐《盐路》。",
        "《盐路》出版于2021年5月18日。",
    ),
    (
        ("《盐路》共512页。", "number"),
        ("《丝路》是林晓舟的作品。", "title"),
        ("《盐路》的作者是王小波。", "name"),
        ("《盐路》于2020年出版。", "date"),
        ("畅销书《盐路》讲述历史。", "claim"),
    ),
)

JIEGUO = Item(
    "结果",
    Facts(
        quantities=(
            Quantity("效果", 5.02, "分钟"),
            Quantity("区间下限", 4.71, "分钟"),
            Quantity("区间上限", 5.33, "分钟"),
            Quantity("样本", 2611),
            Quantity("置信度", 95, "%"),
        ),
        effects=(KnownEffect("算法", "up", "参与时长", "新算法", "旧算法"),),
        words=("所有人", "年龄", "性别"),
        language="zh",
    ),
    (
        "把旧算法换成新算法，参与时长平均提高5.02分钟。",
        "算法对参与时长的效果为正，95%置信区间为4.71到5.33分钟。",
        "调整年龄和性别之后，新算法使参与时长增加约5分钟。",
        "共比较了2611个样本，新算法提升了参与时长。",
        "对所有人来说，效果在4.71至5.33分钟之间。",
    ),
    (
        ("新算法使参与时长降低5.02分钟。", "direction"),
        ("算法对参与时长没有影响。", "direction"),
        ("从新算法换成旧算法，参与时长提高5.02分钟。", "swap"),
        ("新算法使参与时长提高5.02%。", "unit"),
        ("这证明新算法能提高参与时长。", "overclaim"),
    ),
)

ITEMS = (NIGHT_TRAIN, KETTLE, BOOK, SONG, COURSE, EFFECT, TENTATIVE, YECHE, HU, SHU, JIEGUO)
