"""Two hundred texts by an examiner who had not read the guard: a second held-out set, half of it spoiled.

Ten items, six in English and four in Chinese, with ten true texts in the manner of a language model each and ten with
one fault each. All were written before the guard's words were read.
"""

from __future__ import annotations

from causal.text.facts import Facts, KnownEffect, Quantity
from tests.text.guard_items import Item

FILM = Item(
    "examined film",
    Facts.of(
        {
            "title": "The Glass Harbor",
            "genre": ["drama", "mystery"],
            "director": "Mira Okafor",
            "length": "112 minutes",
            "year": 2021,
            "country": "Portugal",
            "rating": "4.3 stars",
        },
        words=("sea", "family secrets"),
        effects=(KnownEffect("mysteries", "up", "minutes watched"),),
    ),
    (
        "The Glass Harbor is a 2021 mystery drama from Portugal, directed by Mira Okafor.",
        "Looking for something to watch tonight? "
        "Mira Okafor's The Glass Harbor runs 112 minutes and is rated 4.3 stars.",
        "If family secrets keep you on the sofa, give this Portuguese drama a try.",
        "Mysteries lead you to watch longer, and The Glass Harbor is one of them.",
        "Set aside just under two hours for this drama about the sea and family secrets.",
        "Rated 4.3 stars, this mystery from 2021 may well be your next film.",
        "We picked The Glass Harbor for you because mysteries increase the minutes you watch.",
        "With a length of 112 minutes, The Glass Harbor blends drama with mystery.",
        "Drama, mystery and the sea: all three meet in Mira Okafor's film from 2021.",
        "A film from Portugal for everyone who enjoys a good mystery.",
    ),
    (
        ("The Glass Harbor is a 2012 mystery drama from Portugal, directed by Mira Okafor.", "year"),
        ("Mira Okafor's The Glass Tower runs 112 minutes and is rated 4.3 stars.", "title"),
        ("This award-winning drama from Portugal is about family secrets.", "award"),
        ("The Glass Harbor runs 121 minutes and is rated 4.3 stars.", "number"),
        ("Mysteries lead you to watch less, and The Glass Harbor is one of them.", "direction"),
        ("The Glass Harbor, a comedy from 2021, comes from Portugal.", "property"),
        ("It probably features a haunting score, as such dramas often do.", "hedged invention"),
        ("Directed by Miro Okafor, this mystery is rated 4.3 stars.", "name"),
        ("Rated 4.3 out of 10, this mystery from 2021 may be your next film.", "unit"),
        ("Critics at festivals loved this Portuguese mystery from 2021.", "invented reception"),
    ),
)

LAMP = Item(
    "examined lamp",
    Facts.of(
        {
            "name": "Aeris Desk Lamp",
            "price": "$39.90",
            "colour": "black",
            "brightness": "450 lumens",
            "weight": "1.2 kg",
            "warranty": "2 years",
            "dimmable": True,
        },
        words=("home office", "reading"),
    ),
    (
        "The Aeris Desk Lamp is a dimmable black lamp that gives 450 lumens.",
        "For $39.90 you get a black desk lamp with a two-year warranty.",
        "At 1.2 kg, the Aeris Desk Lamp sits firmly on your desk in the home office.",
        "Working from a home office? The Aeris Desk Lamp is dimmable and costs under $40.",
        "It offers a brightness of 450 lumens, which suits reading.",
        "This lamp comes in black, weighs 1.2 kilograms, and is covered by a 2-year warranty.",
        "Light up your home office with the Aeris Desk Lamp, priced at $39.90.",
        "Because you have been looking at things for reading, we thought you might like this dimmable lamp.",
        "A simple choice for the home office: black, dimmable, 450 lumens.",
        "You can dim the Aeris Desk Lamp whenever you like, and its warranty lasts two years.",
    ),
    (
        ("For $29.90 you get a black desk lamp with a two-year warranty.", "price"),
        ("The Aeris Desk Lamp gives 540 lumens.", "number"),
        ("The Aeris Desk Lamp is a dimmable white lamp that gives 450 lumens.", "colour"),
        ("This lamp weighs 1.2 pounds and is covered by a 2-year warranty.", "unit"),
        ("The Aeris Floor Lamp is dimmable and costs $39.90.", "title"),
        ("The lamp charges your phone through a USB port while you work.", "invented property"),
        ("It comes with a 2-month warranty.", "unit"),
        ("Winner of a design prize, this black lamp costs $39.90.", "award"),
        ("It may also save you some energy, as it seems to use an LED.", "hedged invention"),
        ("For €39.90 you get a black, dimmable lamp.", "currency"),
    ),
)

BOOK = Item(
    "examined book",
    Facts.of(
        {
            "title": "Salt Roads",
            "author": "Tomas Velde",
            "pages": 344,
            "publisher": "Northgate",
            "published": "2017-10-05",
            "genre": "history",
            "language": "English",
        },
        words=("trade", "caravans"),
        effects=(KnownEffect("history", "up", "share of books finished"),),
    ),
    (
        "Salt Roads by Tomas Velde is a 344-page history of trade and caravans.",
        "Published by Northgate in October 2017, Salt Roads is written in English.",
        "If caravans and trade interest you, Tomas Velde's history book deserves a place on your list.",
        "You finish more of the books you start when they are about history, so here is Salt Roads.",
        "At 344 pages, this is a history book to take your time with.",
        "Tomas Velde tells a story of trade in Salt Roads, which Northgate published on 5 October 2017.",
        "History raises the share of books you finish, and this one is about caravans and trade.",
        "Next on your shelf: Salt Roads, a history by Tomas Velde.",
        "Here is a book on the history of trade, in English, with a little under 350 pages.",
        "Readers of history who are drawn to caravans will feel at home with Salt Roads.",
    ),
    (
        ("Salt Roads by Tomas Velde is a 434-page history of trade and caravans.", "number"),
        ("Published by Northgate in October 2007, Salt Roads is written in English.", "year"),
        ("Salt Roads is a bestseller about trade and caravans.", "award"),
        ("Silk Roads by Tomas Velde is a history of trade.", "title"),
        ("Translated from Dutch, Salt Roads is a history of trade.", "invented property"),
        ("History lowers the share of books you finish, but this one is about caravans.", "direction"),
        ("Published by Southgate in 2017, this is a history of trade.", "name"),
        ("Tomas Velde, a professor of economics, writes about caravans.", "invented property"),
        ("Perhaps the maps in it will help you along the way.", "hedged invention"),
        ("Northgate published Salt Roads on 10 May 2017.", "date"),
    ),
)

COURSE = Item(
    "examined course",
    Facts.of(
        {
            "title": "Practical Bayes",
            "instructor": "Lena Ortiz",
            "level": "intermediate",
            "lessons": 24,
            "duration": "9 hours",
            "price": "€75",
            "completion": "25%",
            "certificate": False,
        },
        words=("statistics", "Python"),
    ),
    (
        "Practical Bayes is an intermediate course in 24 lessons, taught by Lena Ortiz.",
        "In nine hours, Lena Ortiz takes you through statistics with Python.",
        "The course costs €75 and does not come with a certificate.",
        "A quarter of those who start Practical Bayes complete it.",
        "Ready for the next step in statistics? This intermediate course has 24 lessons.",
        "Practical Bayes lasts 9 hours in total and is priced at 75 euros.",
        "You have spent time on Python lately, so Practical Bayes could be a natural next step.",
        "There is no certificate, but there are 24 lessons on statistics at an intermediate level.",
        "Lena Ortiz is the instructor; the level is intermediate and the duration is 9 hours.",
        "With a completion of 25 %, Practical Bayes asks for some patience.",
    ),
    (
        ("The course costs €57 and does not come with a certificate.", "price"),
        ("Practical Bayes is a beginner course in 24 lessons, taught by Lena Ortiz.", "level"),
        ("At the end of the 24 lessons you receive a certificate.", "property"),
        ("A third of those who start Practical Bayes complete it.", "fraction"),
        ("Practical Bayes lasts 9 weeks in total.", "unit"),
        ("In Practical Frequentism, Lena Ortiz teaches statistics with Python.", "title"),
        ("Completion rose by 25 percentage points after the course.", "unit and direction"),
        ("The exercises are likely graded by a tutor.", "hedged invention"),
        ("Lena Ortiz, who teaches at a university, leads 24 lessons.", "invented property"),
        ("All 42 lessons are at an intermediate level.", "number"),
    ),
)

GAME = Item(
    "examined game",
    Facts.of(
        {
            "title": "Orbital Gardens",
            "developer": "Blue Fern Studio",
            "genre": "strategy",
            "price": "$24.99",
            "discount": "20%",
            "playing time": "45 minutes",
            "minimum age": "8 years",
            "players": 4,
        },
        words=("space", "plants"),
        effects=(KnownEffect("strategy games", "down", "sessions per week"),),
    ),
    (
        "Orbital Gardens is a strategy game for 4 players by Blue Fern Studio.",
        "Grow plants in space: a round takes 45 minutes.",
        "Right now there is a 20% discount on Orbital Gardens, which costs $24.99.",
        "Suitable from 8 years, this strategy game takes three quarters of an hour to play.",
        "Blue Fern Studio brings plants and space together in Orbital Gardens.",
        "Four players, 45 minutes, one strategy game: Orbital Gardens.",
        "Strategy games reduce your sessions per week, so keep that in mind before you choose this one.",
        "Do you like space? Then Orbital Gardens might be for you.",
        "With a price of $24.99 and a discount of 20 percent, this game is worth a look.",
        "Children aged 8 and older can play along.",
    ),
    (
        ("Right now there is a 25% discount on Orbital Gardens.", "percent"),
        ("Orbital Gardens is a strategy game for 6 players by Blue Fern Studio.", "number"),
        ("Strategy games increase your sessions per week, so you will like this one.", "direction"),
        ("Orbital Garages is a strategy game by Blue Fern Studio.", "title"),
        ("A round takes 45 hours.", "unit"),
        ("You can play it online with friends.", "invented property"),
        ("Orbital Gardens was named game of the year.", "award"),
        ("Suitable from 18 years, this strategy game is about plants in space.", "number"),
        ("Half the price off: get Orbital Gardens today.", "fraction"),
        ("Presumably, a sequel is on its way.", "hedged invention"),
    ),
)

RESULT = Item(
    "examined result",
    Facts(
        quantities=(
            Quantity("effect", 1.8, "percentage points"),
            Quantity("lower end of the interval", 0.6, "percentage points"),
            Quantity("upper end of the interval", 3.0, "percentage points"),
            Quantity("users", 12480),
            Quantity("share treated", 42, "%"),
        ),
        effects=(KnownEffect("push notifications", "up", "seven-day retention"),),
        standing="tentative",
    ),
    (
        "Push notifications appear to raise seven-day retention by 1.8 percentage points.",
        "The estimated effect is 1.8 percentage points, with an interval from 0.6 to 3.0 percentage points.",
        "Among 12,480 users, push notifications may have increased seven-day retention.",
        "42% of the users received push notifications.",
        "If the assumptions hold, seven-day retention would be 1.8 percentage points higher with push notifications.",
        "The result is tentative: push notifications seem to lift seven-day retention.",
        "The interval runs from 0.6 to 3 percentage points, so zero lies outside it.",
        "We looked at 12,480 users, of whom 42 percent were treated.",
        "Seven-day retention is estimated to go up by 1.8 percentage points; read this with care.",
        "The data suggest that push notifications increase seven-day retention, though the evidence is tentative.",
    ),
    (
        ("Push notifications appear to lower seven-day retention by 1.8 percentage points.", "direction"),
        ("The estimated effect is 1.8%, with an interval from 0.6 to 3.0 percentage points.", "unit"),
        ("Push notifications raise seven-day retention by 1.8 percentage points, without any doubt.", "certainty"),
        ("Among 14,280 users, push notifications may have increased seven-day retention.", "number"),
        ("Push notifications may have increased thirty-day retention by 1.8 percentage points.", "outcome"),
        ("Two thirds of the users received push notifications.", "fraction"),
        ("The interval runs from 0.6 to 3.6 percentage points.", "number"),
        ("The result may come from a randomized experiment on 12,480 users.", "hedged invention"),
        ("Email campaigns may have increased seven-day retention by 1.8 percentage points.", "cause"),
        ("The effect may be larger among younger users.", "hedged invention"),
    ),
)

ZH_FILM = Item(
    "examined film in Chinese",
    Facts.of(
        {
            "片名": "长夜渡口",
            "类型": ["悬疑", "剧情"],
            "导演": "沈岸",
            "时长": "124 分钟",
            "年份": 2018,
            "评分": 8.1,
        },
        language="zh",
        words=("江南", "家族"),
        effects=(KnownEffect("悬疑", "up", "观看时长"),),
    ),
    (
        "《长夜渡口》是沈岸执导的一部悬疑剧情片，片长124分钟。",
        "如果你喜欢江南和家族的故事，不妨看看《长夜渡口》。",
        "这部2018年的悬疑片评分8.1，值得一看。",
        "悬疑会让你的观看时长增加，所以我们为你推荐《长夜渡口》。",
        "导演沈岸在2018年带来了这部关于家族的剧情片。",
        "今晚想看点悬疑？《长夜渡口》时长两小时零四分钟。",
        "评分8.1的《长夜渡口》，把悬疑与剧情结合在一起。",
        "江南、家族、悬疑，都在这部124分钟的电影里。",
        "因为悬疑能提高你的观看时长，这部沈岸的作品也许适合你。",
        "一部2018年上映的悬疑剧情片，导演是沈岸。",
    ),
    (
        ("《长夜渡口》是沈岸执导的一部悬疑剧情片，片长142分钟。", "number"),
        ("《长夜码头》是沈岸执导的一部悬疑剧情片。", "title"),
        ("这部2008年的悬疑片评分8.1，值得一看。", "year"),
        ("悬疑会让你的观看时长减少，所以请慎重选择《长夜渡口》。", "direction"),
        ("《长夜渡口》荣获金马奖最佳影片。", "award"),
        ("导演沈河在2018年带来了这部关于家族的剧情片。", "name"),
        ("评分9.1的《长夜渡口》，把悬疑与剧情结合在一起。", "number"),
        ("这是一部2018年的喜剧片，导演是沈岸。", "property"),
        ("影片可能改编自一部畅销小说。", "hedged invention"),
        ("《长夜渡口》片长124小时。", "unit"),
    ),
)

ZH_CUP = Item(
    "examined cup in Chinese",
    Facts.of(
        {
            "名称": "云感保温杯",
            "价格": "129元",
            "容量": "500毫升",
            "颜色": "雾蓝",
            "材质": "不锈钢",
            "保修": "1年",
        },
        language="zh",
        words=("通勤", "办公室"),
    ),
    (
        "云感保温杯容量500毫升，采用不锈钢材质，售价129元。",
        "通勤路上，带上这款雾蓝色的云感保温杯。",
        "这款保温杯保修一年，价格为129元。",
        "在办公室也能用的保温杯：不锈钢，500毫升，雾蓝色。",
        "如果你每天通勤，云感保温杯可能正合适。",
        "只要129元，就能拥有一只500毫升的云感保温杯。",
        "雾蓝的颜色，不锈钢的材质，适合办公室。",
        "云感保温杯提供1年保修，容量为500毫升。",
        "你最近常看与通勤有关的商品，所以向你推荐这款保温杯。",
        "价格129元，不到130元，容量半升。",
    ),
    (
        ("云感保温杯容量500毫升，采用不锈钢材质，售价119元。", "price"),
        ("云感保温杯容量300毫升，售价129元。", "number"),
        ("通勤路上，带上这款樱花粉的云感保温杯。", "colour"),
        ("这款保温杯保修三年，价格为129元。", "number"),
        ("云感保温杯采用陶瓷材质，容量500毫升。", "property"),
        ("云暖保温杯容量500毫升，售价129元。", "title"),
        ("云感保温杯容量500升。", "unit"),
        ("这款保温杯可以保温十二小时。", "invented property"),
        ("它或许还附赠一个杯刷。", "hedged invention"),
        ("这款129美元的保温杯采用不锈钢材质。", "currency"),
    ),
)

ZH_BOOK = Item(
    "examined book in Chinese",
    Facts.of(
        {
            "书名": "茶路三千里",
            "作者": "周明远",
            "页数": 312,
            "出版社": "河岸出版社",
            "出版年": 2020,
            "类型": "历史",
        },
        language="zh",
        words=("茶", "丝绸之路"),
    ),
    (
        "《茶路三千里》是周明远写的一本历史书，共312页。",
        "对茶和丝绸之路感兴趣的话，可以读一读《茶路三千里》。",
        "这本书由河岸出版社于2020年出版。",
        "周明远的这本书讲述茶与丝绸之路的历史。",
        "共312页的《茶路三千里》，适合慢慢读。",
        "喜欢历史的读者，可以从这本《茶路三千里》开始。",
        "作者周明远，河岸出版社2020年出版，全书312页。",
        "您常读历史类图书，因此为您挑选了这一本。",
        "从茶出发，走近丝绸之路，这就是《茶路三千里》。",
        "一本三百多页的历史书，作者是周明远。",
    ),
    (
        ("《茶路三千里》是周明远写的一本历史书，共321页。", "number"),
        ("这本书由河岸出版社于2010年出版。", "year"),
        ("《茶路五千里》是周明远写的一本历史书。", "title"),
        ("作者周明达在书中讲述茶与丝绸之路的历史。", "name"),
        ("这本书由江岸出版社于2020年出版。", "name"),
        ("《茶路三千里》累计销量突破百万册。", "invented number"),
        ("这是一本2020年出版的科幻小说。", "property"),
        ("书中大概配有许多彩色插图。", "hedged invention"),
        ("《茶路三千里》入选年度好书榜。", "award"),
        ("全书共312章，由河岸出版社出版。", "unit"),
    ),
)

ZH_COURSE = Item(
    "examined course in Chinese",
    Facts.of(
        {
            "标题": "从零学摄影",
            "讲师": "林小满",
            "课时": 18,
            "时长": "6小时",
            "价格": "199元",
            "难度": "入门",
            "完课率": "40%",
        },
        language="zh",
        words=("人像", "旅行"),
        effects=(KnownEffect("每日提醒", "up", "完课率"),),
        standing="tentative",
    ),
    (
        "《从零学摄影》是林小满主讲的入门课程，共18课时。",
        "课程时长6小时，价格199元。",
        "每日提醒可能会提高完课率。",
        "想在旅行中拍好人像？这门入门课或许适合你。",
        "目前的完课率为40%，也就是五分之二。",
        "林小满用18个课时带你走进摄影。",
        "花199元，用六个小时，学一门摄影入门课。",
        "数据显示，每日提醒似乎能让完课率上升，但结论仍需谨慎看待。",
        "难度为入门，适合对人像和旅行感兴趣的你。",
        "这门课不到200元，总时长6小时。",
    ),
    (
        ("《从零学摄影》是林小满主讲的入门课程，共28课时。", "number"),
        ("课程时长6小时，价格99元。", "price"),
        ("每日提醒可能会降低完课率。", "direction"),
        ("每日提醒必定会提高完课率。", "certainty"),
        ("目前的完课率为60%。", "percent"),
        ("目前的完课率约为四分之一。", "fraction"),
        ("《从零学绘画》是林小满主讲的入门课程。", "title"),
        ("这门课难度为高级，共18课时。", "property"),
        ("学完之后也许还能拿到证书。", "hedged invention"),
        ("课程时长6天，价格199元。", "unit"),
    ),
)

EXAMINED = (FILM, LAMP, BOOK, COURSE, GAME, RESULT, ZH_FILM, ZH_CUP, ZH_BOOK, ZH_COURSE)

AT_FIRST = {"caught": (96, 100), "false alarms": (24, 100)}
"""What the guard made of them at first reading. Its words were widened by them since, as by the first set."""
