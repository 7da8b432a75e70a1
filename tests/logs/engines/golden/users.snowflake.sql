WITH "events" AS (
SELECT
  CAST("user_id" AS BIGINT) AS "user_id",
  DATE_PART(EPOCH_MICROSECOND, "at") AS "__at",
  CAST("what" AS VARCHAR) AS "what",
  CAST("item" AS VARCHAR) AS "item",
  NULLIF(CAST("price" AS DOUBLE), CAST('NaN' AS DOUBLE)) + CAST(0 AS DOUBLE) AS "price"
FROM "shop"."events"
),
"timed" AS (
SELECT
  "t0"."user_id",
  "t0"."__at",
  "t0"."what",
  "t0"."item",
  "t0"."price",
  (
    "t0"."__at" + CASE
      WHEN "t0"."__at" < 1711846800000000
      THEN 3600000000
      WHEN "t0"."__at" < 1729990800000000
      THEN 7200000000
      ELSE 3600000000
    END
  ) - (
    (
      (
        (
          "t0"."__at" + CASE
            WHEN "t0"."__at" < 1711846800000000
            THEN 3600000000
            WHEN "t0"."__at" < 1729990800000000
            THEN 7200000000
            ELSE 3600000000
          END
        ) % 86400000000
      ) + 86400000000
    ) % 86400000000
  ) AS "__day"
FROM "events" AS "t0"
WHERE
  "t0"."user_id" IS NOT NULL AND "t0"."__at" IS NOT NULL
),
"single" AS (
SELECT
  "t1"."user_id",
  "t1"."__at",
  "t1"."what",
  "t1"."item",
  "t1"."price",
  "t1"."__day"
FROM (
  SELECT
    "t0"."user_id",
    "t0"."__at",
    "t0"."what",
    "t0"."item",
    "t0"."price",
    "t0"."__day",
    ROW_NUMBER() OVER (
      PARTITION BY "t0"."user_id", "t0"."__at", "t0"."what"
      ORDER BY "t0"."__at" IS NULL ASC, "t0"."__at" ASC, "t0"."user_id" IS NULL ASC, "t0"."user_id" ASC, "t0"."what" IS NULL ASC, "t0"."what" ASC, "t0"."item" IS NULL ASC, "t0"."item" ASC, "t0"."price" IS NULL ASC, "t0"."price" ASC
    ) - 1 AS "__place",
    (
      "t0"."user_id" IS NULL
    )
    OR (
      "t0"."__at" IS NULL
    )
    OR (
      "t0"."what" IS NULL
    ) AS "__lacking"
  FROM "timed" AS "t0"
) AS "t1"
WHERE
  "t1"."__lacking" OR (
    "t1"."__place" = 0
  )
),
"candidates" AS (
SELECT
  "t2"."user_id",
  "t2"."__own" AS "__anchor",
  "t2"."__own" IS NOT NULL AS "__exposed"
FROM (
  SELECT
    "t1"."user_id",
    MIN("t1"."__at") AS "__first",
    MIN(IFF("t1"."what" IN ('shown', 'it\'s'), "t1"."__at", NULL)) AS "__own"
  FROM (
    SELECT
      *
    FROM "single" AS "t0"
    WHERE
      "t0"."user_id" IS NOT NULL
  ) AS "t1"
  GROUP BY
    1
) AS "t2"
),
"latest" AS (
SELECT
  "t1"."user_id",
  MAX("t1"."__anchor") AS "__until"
FROM (
  SELECT
    *
  FROM "candidates" AS "t0"
  WHERE
    "t0"."__anchor" IS NOT NULL
) AS "t1"
GROUP BY
  1
),
"earlier" AS (
SELECT
  "t4"."user_id",
  "t4"."__at",
  "t4"."__day"
FROM (
  SELECT
    "t2"."user_id",
    "t2"."__at",
    "t2"."what",
    "t2"."item",
    "t2"."price",
    "t2"."__day",
    "t3"."__until"
  FROM "single" AS "t2"
  INNER JOIN "latest" AS "t3"
    ON "t2"."user_id" = "t3"."user_id"
) AS "t4"
WHERE
  "t4"."__at" < "t4"."__until"
),
"busy_days" AS (
SELECT
  "t0"."user_id",
  "t0"."__day",
  COUNT(*) AS "__number"
FROM "earlier" AS "t0"
GROUP BY
  1,
  2
),
"crowded" AS (
SELECT
  "t0"."user_id",
  "t0"."__day"
FROM "busy_days" AS "t0"
WHERE
  FALSE
  OR (
    "t0"."__number" > (
      SELECT
        MIN("t4"."__number") AS "Min(__number)"
      FROM (
        SELECT
          *
        FROM (
          SELECT
            "t2"."__number",
            "t2"."__times",
            SUM("t2"."__times") OVER (ORDER BY "t2"."__number" ASC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS "__up_to",
            SUM("t2"."__times") OVER (ORDER BY NULL ASC ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS "__all"
          FROM (
            SELECT
              "t1"."__number",
              COUNT(*) AS "__times"
            FROM (
              SELECT
                "t0"."__number"
              FROM "busy_days" AS "t0"
            ) AS "t1"
            GROUP BY
              1
          ) AS "t2"
        ) AS "t3"
        WHERE
          (
            "t3"."__up_to" * 1000
          ) >= (
            "t3"."__all" * 999
          )
      ) AS "t4"
    )
  )
),
"numbered" AS (
SELECT
  "t2"."user_id",
  "t2"."__at",
  COUNT("t2"."__at") OVER (
    PARTITION BY "t2"."user_id", "t2"."__day"
    ORDER BY "t2"."__at" ASC
    RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
  ) AS "__number"
FROM "earlier" AS "t2"
WHERE
  EXISTS(
    SELECT
      1
    FROM "crowded" AS "t3"
    WHERE
      "t2"."user_id" = "t3"."user_id" AND "t2"."__day" = "t3"."__day"
  )
),
"machines" AS (
SELECT
  "t7"."user_id" AS "__machine_user",
  MIN("t7"."__at") AS "__since"
FROM (
  SELECT
    *
  FROM "numbered" AS "t0"
  WHERE
    FALSE
    OR (
      "t0"."__number" > (
        SELECT
          MIN("t5"."__number") AS "Min(__number)"
        FROM (
          SELECT
            *
          FROM (
            SELECT
              "t3"."__number",
              "t3"."__times",
              SUM("t3"."__times") OVER (ORDER BY "t3"."__number" ASC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS "__up_to",
              SUM("t3"."__times") OVER (ORDER BY NULL ASC ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS "__all"
            FROM (
              SELECT
                "t2"."__number",
                COUNT(*) AS "__times"
              FROM (
                SELECT
                  "t1"."__number"
                FROM "busy_days" AS "t1"
              ) AS "t2"
              GROUP BY
                1
            ) AS "t3"
          ) AS "t4"
          WHERE
            (
              "t4"."__up_to" * 1000
            ) >= (
              "t4"."__all" * 999
            )
        ) AS "t5"
      )
    )
) AS "t7"
GROUP BY
  1
),
"units" AS (
SELECT
  "t2"."user_id",
  "t2"."__anchor",
  "t2"."__exposed",
  COALESCE((
    "t3"."__since" IS NOT NULL
  ) AND (
    "t3"."__since" < "t2"."__anchor"
  ), FALSE) AS "__machine"
FROM "candidates" AS "t2"
LEFT OUTER JOIN "machines" AS "t3"
  ON "t2"."user_id" = "t3"."__machine_user"
),
"kept" AS (
SELECT
  *
FROM "units" AS "t0"
WHERE
  "t0"."__anchor" IS NOT NULL
  AND NOT (
    "t0"."__machine"
  )
  AND (
    "t0"."__anchor" + 604800000000
  ) <= (
    SELECT
      MAX("t1"."__at") AS "Max(__at)"
    FROM "timed" AS "t1"
  )
),
"unit_pieces" AS (
SELECT
  "t5"."user_id",
  COUNT(
    DISTINCT IFF(
      (
        (
          "t5"."__at" - "t5"."__anchor"
        ) >= -1209600000000
      )
      AND (
        (
          "t5"."__at" - "t5"."__anchor"
        ) < 0
      )
      AND (
        "t5"."item" IS NOT NULL
      ),
      "t5"."item",
      NULL
    )
  ) AS "__unit_1",
  COUNT_IF(
    (
      (
        "t5"."__at" - "t5"."__anchor"
      ) >= -1209600000000
    )
    AND (
      (
        "t5"."__at" - "t5"."__anchor"
      ) < 0
    )
    AND "t5"."what" IN ('click')
  ) AS "__unit_2",
  COUNT_IF(
    (
      (
        "t5"."__at" - "t5"."__anchor"
      ) >= -1209600000000
    )
    AND (
      (
        "t5"."__at" - "t5"."__anchor"
      ) < 0
    )
    AND (
      "t5"."what" IS NOT NULL
    )
  ) AS "__unit_3",
  SUM(
    IFF(
      (
        (
          "t5"."__at" - "t5"."__anchor"
        ) >= 0
      )
      AND (
        (
          "t5"."__at" - "t5"."__anchor"
        ) < 604800000000
      )
      AND (
        "t5"."what" IN ('buy') AND (
          ABS("t5"."price") < 4.611686018427388e+18
        )
      ),
      CAST(IFF(
        IFF(ABS("t5"."price") < 4.611686018427388e+18, "t5"."price", 0.0) < 0,
        CAST(CEIL(IFF(ABS("t5"."price") < 4.611686018427388e+18, "t5"."price", 0.0)) AS BIGINT),
        CAST(FLOOR(IFF(ABS("t5"."price") < 4.611686018427388e+18, "t5"."price", 0.0)) AS BIGINT)
      ) AS DECIMAL(38, 0)),
      NULL
    )
  ) AS "__unit_4",
  SUM(
    IFF(
      (
        (
          "t5"."__at" - "t5"."__anchor"
        ) >= 0
      )
      AND (
        (
          "t5"."__at" - "t5"."__anchor"
        ) < 604800000000
      )
      AND (
        "t5"."what" IN ('buy') AND (
          ABS("t5"."price") < 4.611686018427388e+18
        )
      ),
      CAST(CAST((
        IFF(ABS("t5"."price") < 4.611686018427388e+18, "t5"."price", 0.0) - CAST(IFF(
          IFF(ABS("t5"."price") < 4.611686018427388e+18, "t5"."price", 0.0) < 0,
          CAST(CEIL(IFF(ABS("t5"."price") < 4.611686018427388e+18, "t5"."price", 0.0)) AS BIGINT),
          CAST(FLOOR(IFF(ABS("t5"."price") < 4.611686018427388e+18, "t5"."price", 0.0)) AS BIGINT)
        ) AS DOUBLE)
      ) / 2.168404344971009e-19 AS BIGINT) AS DECIMAL(38, 0)),
      NULL
    )
  ) AS "__unit_5",
  MIN(
    IFF(
      (
        (
          "t5"."__at" - "t5"."__anchor"
        ) >= 0
      )
      AND (
        (
          "t5"."__at" - "t5"."__anchor"
        ) < 604800000000
      ),
      "t5"."__at",
      NULL
    )
  ) AS "__unit_6"
FROM (
  SELECT
    "t4"."user_id",
    "t4"."__anchor",
    "t2"."__at",
    "t2"."what",
    "t2"."item",
    "t2"."price",
    "t2"."__day"
  FROM (
    SELECT
      "t0"."user_id",
      "t0"."__anchor"
    FROM "kept" AS "t0"
  ) AS "t4"
  INNER JOIN "single" AS "t2"
    ON "t4"."user_id" = "t2"."user_id"
) AS "t5"
GROUP BY
  1
),
"found__unit_0" AS (
SELECT
  "t1"."user_id" AS "__with_0",
  "t1"."__at",
  MIN("t1"."item") AS "__found"
FROM (
  SELECT
    *
  FROM "single" AS "t0"
  WHERE
    "t0"."what" IN ('shown', 'it\'s') AND "t0"."item" IS NOT NULL
) AS "t1"
GROUP BY
  1,
  2
)
SELECT
  "t6"."user_id",
  "t6"."__anchor" AS "anchor",
  "t6"."__unit_0" AS "arm",
  "t6"."__unit_1" AS "items",
  COALESCE(CAST("t6"."__unit_2" AS DOUBLE) / CAST(NULLIF("t6"."__unit_3", 0) AS DOUBLE), 0.0) AS "column_4",
  COALESCE(CAST("t6"."__unit_4" AS DOUBLE), 0.0) + (
    COALESCE(CAST("t6"."__unit_5" AS DOUBLE), 0.0) * 2.168404344971009e-19
  ) AS "spent",
  CAST("t6"."__unit_6" - "t6"."__anchor" AS DOUBLE) / 86400000000.0 AS "until"
FROM (
  SELECT
    "t3"."user_id",
    "t3"."__anchor",
    "t3"."__exposed",
    "t3"."__machine",
    "t4"."__unit_1",
    "t4"."__unit_2",
    "t4"."__unit_3",
    "t4"."__unit_4",
    "t4"."__unit_5",
    "t4"."__unit_6",
    "t5"."__found" AS "__unit_0"
  FROM "kept" AS "t3"
  INNER JOIN "unit_pieces" AS "t4"
    ON "t3"."user_id" = "t4"."user_id"
  LEFT OUTER JOIN "found__unit_0" AS "t5"
    ON "t3"."user_id" = "t5"."__with_0" AND "t3"."__anchor" = "t5"."__at"
) AS "t6"
ORDER BY
  "t6"."user_id" ASC
