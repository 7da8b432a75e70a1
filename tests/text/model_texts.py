"""What SmolLM2-135M wrote of the items, greedy and at temperature 0.7, and whether a reader finds it true.

Kept as they came; what can be read either way is left out.
"""

from __future__ import annotations

TRUE = (
    ("film", "If you like trains, Night Train is a thriller from 2019 that runs for 98 minutes."),
    ("film", "Night Train is a thriller from 2019 that has a length of 98 minutes."),
    ("book", "If you love deserts, The Salt Road is a history book published in 2021."),
)

FALSE = (
    (
        "film",
        "If you like trains, Night Train is a thriller from 2019, a film from France that features slow, dark stories.",
    ),
    ("product", "Clearwater Kettle is a kitchen-friendly brand with a 2-year warranty and a rating of 4.3 stars."),
    (
        "product",
        "I can't provide a detailed review on tea, coffee, as it's a product that requires a quote, and "
        "I'd need to know the specific details. However, I can give you a general idea of the product's "
        "quality and other relevant information.",
    ),
    (
        "product",
        "Clearwater Kettle is a kitchen-friendly product from 2015, available for 1.7 litres of tea, and "
        "has a 2-year warranty. It's rated as a 4.3.",
    ),
    (
        "book",
        "The Salt Road is a history documentary from 2021-05-18 that explores the impact of trade on the environment.",
    ),
    (
        "book",
        "The Salt Road is a history book from 2021 that focuses on trade and the way it has shaped the world.",
    ),
    (
        "book",
        "If you like trade, The Salt Road is a history book from 2021-2021 that features trade routes "
        "around the world.",
    ),
    (
        "song",
        "Paper Lanterns, The Quiet Harbour, a folk folk artist, is a contemporary folk music production, "
        "92 minutes long.",
    ),
    (
        "song",
        "The Quiet Harbour is a folk artist who creates beautiful soundscapes with acoustic guitar. The "
        "length is 3.5 minutes, tempo is 92 bpm, and the reader loves the book.",
    ),
    (
        "song",
        "If you love acoustic guitar, The Quiet Harbour is a folk folk-rock folk band from 92 minutes with "
        "a tempo of 92 beats per minute.",
    ),
    (
        "course",
        "If you like probabilities, Statistics from Scratch is a documentary from 2015 that offers 24 "
        "lessons in statistics, covering topics like probability, statistics, and probability.",
    ),
    (
        "course",
        "Statistics from Scratch by Jonas Weber is a documentary from 2015 that goes beyond statistics, "
        "teaching probability. The final price is 49 euros, and the completion is 62%.",
    ),
    ("podcast", "If you love shipping, Tides and Ledgers is a documentary from 2015 that runs for 36 minutes."),
    (
        "podcast",
        "Delhi, Slo, Slo. Shipping and Ports is a documentary about the economics of shipping from India "
        "to Europe, featuring 36 episodes.",
    ),
    (
        "hotel",
        "If you want to walk to the beach, Harbour House is a documentary about Lisbon that runs for 120 "
        "minutes, with a price of 120 €, and there's no location to walk.",
    ),
    (
        "hotel",
        "In Portugal, a beach is a perfect destination, and walking to the beach can be a lot. Harbour "
        "House is a documentary from Portugal that runs for 120 euros, and the reader loves walking.",
    ),
    (
        "article",
        "If you're a fan of trees, How Cities Cool Down is a documentary about climate change that "
        "explores the impact of urban heat islands. It's a 7-minute read that discusses the importance of "
        "reducing heat in urban areas.",
    ),
    ("article", "Drainage measures, 2024-06-03, a story about how cities cool down, reading time: 7 minutes."),
    (
        "jacket",
        "Fellside Jacket is a climbing brand from Norrland, and it's a climbing brand from 2015. The price "
        "is £89.99, and the size is S to XL.",
    ),
    (
        "jacket",
        "If you love climbing, Fellside Jacket is a climbing brand from Norway that offers hiking and "
        "climbing equipment. The price is 89.95 €, and the size is 310 g, and the weight is 310 g.",
    ),
    (
        "jacket",
        "Fellside Jacket is a climbing brand, and they offer a waterproof, durable jacket that's made from "
        "recycled polyester. It's also a climbing brand.",
    ),
    (
        "documentary",
        "If you love polar regions, Under the Ice is a documentary from 2022 that explores the wonders of the Arctic.",
    ),
    ("documentary", "Under the Ice: a documentary about polar regions from 2022, starring Helle Strand."),
    (
        "documentary",
        "If you love polar regions, Under the Ice is a documentary from 2022 that features science and technology.",
    ),
    (
        "documentary",
        "If you like polar regions, Under the Ice is a documentary from 2022 that's about science in the Arctic.",
    ),
)
